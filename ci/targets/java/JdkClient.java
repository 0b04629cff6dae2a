import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** A testee on java.net.http: {@code JdkClient URL AGENT}. Parts of a message are joined here, as the API leaves it. */
public class JdkClient {
    private static class Run implements WebSocket.Listener {
        final CompletableFuture<String> end = new CompletableFuture<>();
        private final boolean echoes;
        private final StringBuilder text = new StringBuilder();
        private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
        private String last = "";

        Run(boolean echoes) {
            this.echoes = echoes;
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean isLast) {
            text.append(part);
            CompletableFuture<WebSocket> sent = CompletableFuture.completedFuture(socket);
            if (isLast) {
                last = text.toString();
                text.setLength(0);
                if (echoes) sent = socket.sendText(last, true);
            }
            return sent.thenRun(() -> socket.request(1));
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer part, boolean isLast) {
            byte[] copy = new byte[part.remaining()];
            part.get(copy);
            octets.writeBytes(copy);
            CompletableFuture<WebSocket> sent = CompletableFuture.completedFuture(socket);
            if (isLast) {
                ByteBuffer message = ByteBuffer.wrap(octets.toByteArray());
                octets.reset();
                if (echoes) sent = socket.sendBinary(message, true);
            }
            return sent.thenRun(() -> socket.request(1));
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            end.complete(last);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable cause) {
            System.err.println(cause);
            end.complete(last);
        }
    }

    /** One connection until it is closed; the last text. */
    private static String play(HttpClient client, String url, boolean echoes) {
        Run run = new Run(echoes);
        client.newWebSocketBuilder().buildAsync(URI.create(url), run).exceptionally(cause -> {
            System.err.println(cause.getMessage());
            run.end.complete("");
            return null;
        });
        // What nothing is called for is given up, as an application would.
        return run.end.completeOnTimeout("", 10, TimeUnit.SECONDS).join();
    }

    public static void main(String[] arguments) {
        String base = arguments[0];
        String agent = arguments[1];
        HttpClient client = HttpClient.newHttpClient();
        int count = Integer.parseInt(play(client, base + "/getCaseCount", false));
        for (int i = 1; i <= count; i++) {
            play(client, base + "/runCase?case=" + i + "&agent=" + agent, true);
        }
        play(client, base + "/updateReports?agent=" + agent, false);
        System.exit(0);
    }
}
