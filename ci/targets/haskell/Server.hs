-- Echo server on the Haskell package websockets: Server PORT.
module Main (main) where

import Control.Monad (forever)
import Network.WebSockets
import System.Environment (getArgs)

main :: IO ()
main = do
  [port] <- getArgs
  runServerWithOptions defaultServerOptions {serverPort = read port, serverConnectionOptions = options} echo

-- Compression is off by default.
options :: ConnectionOptions
options =
  defaultConnectionOptions
    { connectionCompressionOptions = PermessageDeflateCompression defaultPermessageDeflate
    }

echo :: PendingConnection -> IO ()
echo pending = do
  connection <- acceptRequest pending
  forever $ receiveDataMessage connection >>= sendDataMessage connection
