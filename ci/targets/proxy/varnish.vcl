# Varnish in front of WebSocket, in the way that its documentation gives: the connection is piped.
vcl 4.1;

backend default {
  .host = "127.0.0.1";
  .port = "{backend_port}";
}

sub vcl_recv {
  if (req.http.upgrade ~ "(?i)websocket") {
    return (pipe);
  }
}

sub vcl_pipe {
  if (req.http.upgrade) {
    set bereq.http.upgrade = req.http.upgrade;
    set bereq.http.connection = req.http.connection;
  }
}
