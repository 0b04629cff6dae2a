// Echo server on nodejs-websocket: nodejs-websocket.cjs PORT.
const { createServer } = require('nodejs-websocket');

const server = createServer((connection) => {
  connection.on('error', () => {}); // The library has already closed the connection.
  connection.on('text', (text) => connection.sendText(text));
  connection.on('binary', (stream) => {
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', () => connection.sendBinary(Buffer.concat(chunks)));
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1');
