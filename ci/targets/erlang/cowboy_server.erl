%% Echo server on cowboy: -s cowboy_server main PORT. Compression, and RFC 8441 on the same port, are off by default.
-module(cowboy_server).
-export([main/1, init/2, websocket_handle/2, websocket_info/2]).

main([Port]) ->
    {ok, _} = application:ensure_all_started(cowboy),
    Dispatch = cowboy_router:compile([{'_', [{"/[...]", ?MODULE, []}]}]),
    Address = [{ip, {127, 0, 0, 1}}, {port, list_to_integer(atom_to_list(Port))}],
    Options = #{env => #{dispatch => Dispatch}, enable_connect_protocol => true},
    {ok, _} = cowboy:start_clear(echo, Address, Options).

init(Request, State) ->
    {cowboy_websocket, Request, State, #{compress => true}}.

websocket_handle({Type, Message}, State) when Type =:= text; Type =:= binary ->
    {[{Type, Message}], State};
websocket_handle(_Control, State) ->
    {[], State}.

websocket_info(_Message, State) ->
    {[], State}.
