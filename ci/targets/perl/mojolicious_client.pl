# A testee on Mojolicious: mojolicious_client.pl URL AGENT.
use v5.26;
use warnings;
use Mojo::IOLoop;
use Mojo::UserAgent;

my ($base, $agent) = @ARGV;
# A user agent for each connection, and all of them kept: one that refuses a response asks for the next page in that same
# connection, where nothing answers.
my @agents;

# One connection until it is closed; the last text, where nothing is echoed.
sub play {
  my ($path, $echoes) = @_;
  my ($last, $done);
  my $ua = Mojo::UserAgent->new(inactivity_timeout => 0);
  push @agents, $ua;
  my $request = $ua->build_websocket_tx("$base$path");
  $request->req->headers->sec_websocket_extensions('permessage-deflate');
  $ua->start(
    $request => sub {
      my (undef, $tx) = @_;
      unless ($tx->is_websocket) {
        warn "$path: no handshake\n";
        return $done = 1;
      }
      $tx->on(text   => sub { $last = $_[1]; $tx->send({text => $_[1]}) if $echoes });
      $tx->on(binary => sub { $tx->send({binary => $_[1]}) if $echoes });
      $tx->on(finish => sub { $done = 1 });
    }
  );
  # A head that is refused in the parser calls nothing back. What ends in an earlier connection ends nothing here.
  my $timer = Mojo::IOLoop->timer(10 => sub { warn "$path: no callback\n"; $done = 1 });
  Mojo::IOLoop->one_tick until $done;
  Mojo::IOLoop->remove($timer);
  return $last;
}

my $count = play('/getCaseCount') // die "no number of cases\n";
play("/runCase?case=$_&agent=$agent", 1) for 1 .. $count;
play("/updateReports?agent=$agent");
