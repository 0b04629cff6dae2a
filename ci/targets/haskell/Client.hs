-- A testee on the Haskell package websockets: Client URL AGENT.
module Main (main) where

import Control.Exception (SomeException, try)
import Control.Monad (forM_, forever)
import Data.List (stripPrefix)
import Data.Maybe (fromMaybe)
import qualified Data.Text as Text
import Network.WebSockets
import System.Environment (getArgs)

main :: IO ()
main = do
  [url, agent] <- getArgs
  let (host, port) = break (== ':') (fromMaybe url (stripPrefix "ws://" url))
      connect = runClient host (read (drop 1 port))
  count <- connect "/getCaseCount" receiveData
  forM_ [1 .. read (Text.unpack count) :: Int] $ \number ->
    untilClosed (connect ("/runCase?case=" ++ show number ++ "&agent=" ++ agent) echo)
  untilClosed (connect ("/updateReports?agent=" ++ agent) echo)

echo :: Connection -> IO ()
echo connection = forever $ receiveDataMessage connection >>= sendDataMessage connection

-- The end of a connection is an exception.
untilClosed :: IO () -> IO ()
untilClosed action = do
  _ended <- try action :: IO (Either SomeException ())
  pure ()
