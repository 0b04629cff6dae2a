// Echo server on faye-websocket with its extension permessage-deflate: faye.cjs PORT.
const http = require('node:http');
const WebSocket = require('faye-websocket');
const deflate = require('permessage-deflate');

const server = http.createServer((request, response) => response.writeHead(404).end());
server.on('upgrade', (request, socket, head) => {
  if (!WebSocket.isWebSocket(request)) return socket.destroy();
  const connection = new WebSocket(request, socket, head, [], { extensions: [deflate] });
  connection.on('message', (event) => connection.send(event.data));
});
server.listen(Number(process.argv[2]), '127.0.0.1');
