// Echo server on Bun: bun.ts PORT. permessage-deflate is off unless it is asked for.
Bun.serve({
  hostname: '127.0.0.1',
  port: Number(process.argv[2]),
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response(null, { status: 426 })),
  websocket: {
    perMessageDeflate: true,
    message: (socket, message) => void socket.send(message),
  },
});
