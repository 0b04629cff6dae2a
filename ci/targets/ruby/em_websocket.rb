# Echo server on em-websocket: em_websocket.rb PORT.

require 'em-websocket'

EM.run do
  EM::WebSocket.run(host: '127.0.0.1', port: Integer(ARGV[0])) do |socket|
    socket.onmessage { |text| socket.send_text(text) }
    socket.onbinary { |octets| socket.send_binary(octets) }
    socket.onerror { |error| warn error.message }
  end
end
