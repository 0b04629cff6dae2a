# Echo server on the gem `websocket`, a thread for each connection: websocket_ruby.rb PORT. The gem parses and builds
# handshakes and frames, and leaves what follows from them to the application: pongs, and the answer to a Close.

require 'socket'
require 'websocket'

def shake_hands(socket)
  handshake = WebSocket::Handshake::Server.new
  handshake << socket.readpartial(4096) until handshake.finished?
  return unless handshake.valid?

  socket.write(handshake.to_s)
  handshake.version
end

def write(socket, version, type, data)
  socket.write(WebSocket::Frame::Outgoing::Server.new(version: version, type: type, data: data).to_s)
end

def echo(socket, version)
  incoming = WebSocket::Frame::Incoming::Server.new(version: version)
  until incoming.error?
    while (frame = incoming.next)
      case frame.type
      when :close then return write(socket, version, :close, frame.data)
      when :ping then write(socket, version, :pong, frame.data)
      when :text, :binary then write(socket, version, frame.type, frame.data)
      end
    end
    incoming << socket.readpartial(65_536) unless incoming.error?
  end
  write(socket, version, :close, '')
end

def serve(socket)
  version = shake_hands(socket)
  echo(socket, version) if version
rescue IOError, SystemCallError
  # The peer is gone.
ensure
  socket.close
end

listener = TCPServer.new('127.0.0.1', Integer(ARGV[0]))
loop { Thread.new(listener.accept) { |socket| serve(socket) } }
