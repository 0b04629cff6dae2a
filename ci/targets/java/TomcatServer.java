import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.OnMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.catalina.Context;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;

/** Echo server on Tomcat: {@code TomcatServer PORT FOLDER}. */
public class TomcatServer {
    /** Tomcat's default of 8192 would keep every message with a length of 64 bits out. */
    private static final int MESSAGE_LEN_MAX = 1 << 20;

    @ServerEndpoint("/")
    public static class Echo {
        @OnMessage(maxMessageSize = MESSAGE_LEN_MAX)
        public void text(Session session, String message) throws IOException {
            session.getBasicRemote().sendText(message);
        }

        @OnMessage(maxMessageSize = MESSAGE_LEN_MAX)
        public void binary(Session session, ByteBuffer message) throws IOException {
            session.getBasicRemote().sendBinary(message);
        }
    }

    public static class Deployment implements ServletContextListener {
        @Override
        public void contextInitialized(ServletContextEvent event) {
            try {
                ((ServerContainer) event.getServletContext().getAttribute(ServerContainer.class.getName()))
                        .addEndpoint(Echo.class);
            } catch (DeploymentException error) {
                throw new IllegalStateException(error);
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(arguments[1]);
        tomcat.setPort(Integer.parseInt(arguments[0]));
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        // Else the port accepts connections before the application is there, or although it failed.
        tomcat.getConnector().setProperty("bindOnInit", "false");
        Context context = tomcat.addContext("", arguments[1]);
        context.addServletContainerInitializer(new WsSci(), null);
        context.addApplicationListener(Deployment.class.getName());
        Tomcat.addServlet(context, "default", new DefaultServlet());
        context.addServletMappingDecoded("/", "default");
        tomcat.start();
        tomcat.getServer().await();
    }
}
