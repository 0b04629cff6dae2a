// Echo server on Fastify with @fastify/websocket: fastify.cjs PORT.
const fastify = require('fastify');

async function main() {
  const app = fastify();
  await app.register(require('@fastify/websocket'));
  app.get('/*', { websocket: true }, (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  await app.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
}

main();
