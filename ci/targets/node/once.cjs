// One connection to a URL, on the WebSocket of the runtime: echoes what comes until the connection is closed. For
// `wsgauntlet run client -- deno run --allow-all --no-config ci/targets/node/once.cjs {url}`, where the end of the process is judged.
const socket = new WebSocket(process.argv[2]);
socket.binaryType = 'arraybuffer';
socket.onmessage = (event) => socket.send(event.data);
socket.onerror = () => setTimeout(() => process.exit(0), 500);
socket.onclose = () => process.exit(0);
