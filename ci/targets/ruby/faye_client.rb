# A testee on faye-websocket: faye_client.rb URL AGENT.

require 'eventmachine'
require 'faye/websocket'

BASE, AGENT = ARGV

# One connection until it is closed; then the block gets the last message.
def play(path, echoes: false)
  socket = Faye::WebSocket::Client.new("#{BASE}#{path}")
  last = nil
  socket.on(:message) do |event|
    last = event.data
    socket.send(event.data) if echoes
  end
  socket.on(:close) { yield last }
end

def play_cases(case_id, count)
  return play("/updateReports?agent=#{AGENT}") { EM.stop } if case_id > count

  play("/runCase?case=#{case_id}&agent=#{AGENT}", echoes: true) { play_cases(case_id + 1, count) }
end

EM.run { play('/getCaseCount') { |count| play_cases(1, Integer(count)) } }
