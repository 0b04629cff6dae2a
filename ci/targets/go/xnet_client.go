// A testee on golang.org/x/net/websocket: xnet_client URL AGENT. Its frames are its messages: fragments stay apart.
package main

import (
	"fmt"
	"log"
	"os"
	"strconv"

	"golang.org/x/net/websocket"
)

type frame struct {
	payload []byte
	kind    byte
}

var codec = websocket.Codec{
	Marshal: func(value interface{}) ([]byte, byte, error) {
		frame := value.(*frame)
		return frame.payload, frame.kind, nil
	},
	Unmarshal: func(payload []byte, kind byte, value interface{}) error {
		*value.(*frame) = frame{payload, kind}
		return nil
	},
}

func caseCount(base string) int {
	connection, err := websocket.Dial(base+"/getCaseCount", "", "http://127.0.0.1/")
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	var text frame
	if err := codec.Receive(connection, &text); err != nil {
		log.Fatal(err)
	}
	count, err := strconv.Atoi(string(text.payload))
	if err != nil {
		log.Fatal(err)
	}
	return count
}

func echo(url string) {
	connection, err := websocket.Dial(url, "", "http://127.0.0.1/")
	if err != nil {
		log.Print(err)
		return
	}
	defer connection.Close()
	var message frame
	for codec.Receive(connection, &message) == nil {
		if codec.Send(connection, &message) != nil {
			return
		}
	}
}

func main() {
	base, agent := os.Args[1], os.Args[2]
	for i, count := 1, caseCount(base); i <= count; i++ {
		echo(fmt.Sprintf("%s/runCase?case=%d&agent=%s", base, i, agent))
	}
	echo(base + "/updateReports?agent=" + agent)
}
