// Reverse proxy on http-proxy or its successor http-proxy-3: http-proxy.cjs PORT MODULE, in front of BACKEND_PORT.
const http = require('node:http');

const [port, module_] = process.argv.slice(2);
const proxy = require(module_).createProxyServer({ target: `http://127.0.0.1:${process.env.BACKEND_PORT}`, ws: true });
proxy.on('error', (error) => console.error(error.message));

const server = http.createServer((request, response) => proxy.web(request, response));
server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => {}); // A peer may be gone at any time.
  proxy.ws(request, socket, head);
});
server.listen(Number(port), '127.0.0.1');
