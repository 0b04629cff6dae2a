# Echo server on websocket-driver, a thread for each connection: websocket_driver.rb PORT.

require 'socket'
require 'websocket/driver'

# What the driver writes to.
Stream = Struct.new(:socket) do
  def write(octets)
    socket.write(octets)
  end
end

def refuse(socket)
  socket.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
  socket.close
end

def serve(socket)
  driver = WebSocket::Driver.server(Stream.new(socket))
  driver.on(:connect) { WebSocket::Driver.websocket?(driver.env) ? driver.start : refuse(socket) }
  driver.on(:message) do |event|
    event.data.is_a?(String) ? driver.text(event.data) : driver.binary(event.data)
  end
  driver.on(:close) { socket.close }
  driver.parse(socket.readpartial(65_536)) until socket.closed?
rescue StandardError
  # A head that the library raises for ends the connection, as it does under a server of HTTP.
ensure
  socket.close
end

listener = TCPServer.new('127.0.0.1', Integer(ARGV[0]))
loop { Thread.new(listener.accept) { |socket| serve(socket) } }
