# Echo server on Mojolicious: mojolicious_server.pl PORT. Compression is off unless a transaction asks for it.
use Mojolicious::Lite -signatures;

app->log->level('error');

websocket '/' => sub ($c) {
  $c->tx->with_compression;
  $c->inactivity_timeout(0);
  $c->on(text   => sub ($c, $characters) { $c->tx->send({text => $characters}) });
  $c->on(binary => sub ($c, $octets) { $c->tx->send({binary => $octets}) });
};

app->start('daemon', '--listen', "http://127.0.0.1:$ARGV[0]");
