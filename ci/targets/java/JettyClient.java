import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.websocket.api.WebSocketAdapter;
import org.eclipse.jetty.websocket.client.ClientUpgradeRequest;
import org.eclipse.jetty.websocket.client.WebSocketClient;

/** A testee on Jetty 9: {@code JettyClient URL AGENT}. */
public class JettyClient {
    private static class Run extends WebSocketAdapter {
        final CompletableFuture<String> end = new CompletableFuture<>();
        private final boolean echoes;
        private String last = "";

        Run(boolean echoes) {
            this.echoes = echoes;
        }

        @Override
        public void onWebSocketText(String message) {
            last = message;
            try {
                if (echoes) getRemote().sendString(message);
            } catch (IOException error) {
                onWebSocketError(error);
            }
        }

        @Override
        public void onWebSocketBinary(byte[] octets, int offset, int len) {
            try {
                if (echoes) getRemote().sendBytes(ByteBuffer.wrap(octets, offset, len));
            } catch (IOException error) {
                onWebSocketError(error);
            }
        }

        @Override
        public void onWebSocketClose(int code, String reason) {
            super.onWebSocketClose(code, reason);
            end.complete(last);
        }

        @Override
        public void onWebSocketError(Throwable cause) {
            if (isNotConnected()) end.complete(last);
        }
    }

    /** One connection until it is closed; the last text. */
    private static String play(WebSocketClient client, String url, boolean echoes)
            throws IOException, InterruptedException, ExecutionException {
        Run run = new Run(echoes);
        ClientUpgradeRequest request = new ClientUpgradeRequest();
        request.addExtensions("permessage-deflate");
        client.connect(run, URI.create(url), request);
        // What nothing is called for is given up, as an application would.
        return run.end.completeOnTimeout("", 10, TimeUnit.SECONDS).get();
    }

    public static void main(String[] arguments) throws Exception {
        String base = arguments[0];
        String agent = arguments[1];
        WebSocketClient client = new WebSocketClient();
        client.start();
        int count = Integer.parseInt(play(client, base + "/getCaseCount", false));
        for (int i = 1; i <= count; i++) {
            play(client, base + "/runCase?case=" + i + "&agent=" + agent, true);
        }
        play(client, base + "/updateReports?agent=" + agent, false);
        client.stop();
    }
}
