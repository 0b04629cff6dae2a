# Echo on faye-websocket as a Rack application, for puma and thin.

require 'faye/websocket'

Faye::WebSocket.load_adapter('thin') if defined?(Thin)

run(lambda do |env|
  next [426, {}, []] unless Faye::WebSocket.websocket?(env)

  socket = Faye::WebSocket.new(env)
  socket.on(:message) { |event| socket.send(event.data) }
  socket.rack_response
end)
