import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;
import org.eclipse.jetty.websocket.api.WebSocketAdapter;
import org.eclipse.jetty.websocket.servlet.WebSocketServlet;
import org.eclipse.jetty.websocket.servlet.WebSocketServletFactory;

/** Echo server on Jetty 9: {@code JettyServer PORT}. */
public class JettyServer {
    public static class Echo extends WebSocketAdapter {
        @Override
        public void onWebSocketText(String message) {
            try {
                getRemote().sendString(message);
            } catch (IOException error) {
                onWebSocketError(error);
            }
        }

        @Override
        public void onWebSocketBinary(byte[] octets, int offset, int len) {
            try {
                getRemote().sendBytes(ByteBuffer.wrap(octets, offset, len));
            } catch (IOException error) {
                onWebSocketError(error);
            }
        }
    }

    public static class EchoServlet extends WebSocketServlet {
        @Override
        public void configure(WebSocketServletFactory factory) {
            factory.register(Echo.class);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Server server = new Server(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0])));
        ServletContextHandler handler = new ServletContextHandler();
        handler.setContextPath("/");
        handler.addServlet(new ServletHolder(new EchoServlet()), "/*");
        server.setHandler(handler);
        server.start();
        server.join();
    }
}
