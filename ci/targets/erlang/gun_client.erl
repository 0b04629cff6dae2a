%% A testee on gun: -s gun_client main URL AGENT.
-module(gun_client).
-export([main/1]).

main([Url, Agent]) ->
    {ok, _} = application:ensure_all_started(gun),
    #{host := Host, port := Port} = uri_string:parse(atom_to_list(Url)),
    Play = fun(Path, Echoes) -> play(Host, Port, Path, Echoes) end,
    Count = binary_to_integer(Play("/getCaseCount", false)),
    Name = atom_to_list(Agent),
    [Play("/runCase?case=" ++ integer_to_list(I) ++ "&agent=" ++ Name, true) || I <- lists:seq(1, Count)],
    Play("/updateReports?agent=" ++ Name, false),
    halt().

%% One connection until it is closed; the last message.
play(Host, Port, Path, Echoes) ->
    {ok, Connection} = gun:open(Host, Port, #{retry => 0}),
    {ok, _} = gun:await_up(Connection),
    Stream = gun:ws_upgrade(Connection, Path, [], #{compress => true}),
    Last =
        receive
            {gun_upgrade, Connection, Stream, _, _} -> echo(Connection, Echoes, <<>>);
            {gun_response, Connection, Stream, _, _, _} -> <<>>;
            {gun_error, Connection, _, _} -> <<>>;
            {gun_error, Connection, _} -> <<>>;
            {gun_down, Connection, _, _, _} -> <<>>;
            {gun_down, Connection, _, _, _, _} -> <<>>
        %% A response that it refuses may be told of by nothing.
        after 10000 -> <<>>
        end,
    gun:close(Connection),
    gun:flush(Connection),
    Last.

echo(Connection, Echoes, Last) ->
    receive
        {gun_ws, Connection, _, {Type, Message}} when Type =:= text; Type =:= binary ->
            Echoes andalso gun:ws_send(Connection, {Type, Message}),
            echo(Connection, Echoes, Message);
        {gun_ws, Connection, _, Close} when Close =:= close; element(1, Close) =:= close ->
            %% The library leaves the answer to the application.
            gun:ws_send(Connection, Close),
            echo(Connection, Echoes, Last);
        {gun_down, Connection, _, _, _} -> Last;
        {gun_down, Connection, _, _, _, _} -> Last;
        {gun_error, Connection, _, _} -> Last;
        {gun_error, Connection, _} -> Last
    after 10000 -> Last
    end.
