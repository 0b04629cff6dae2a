// Reverse proxy of Go's standard library: reverse_proxy PORT, in front of BACKEND_PORT.
package main

import (
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
)

func main() {
	backend := &url.URL{Scheme: "http", Host: "127.0.0.1:" + os.Getenv("BACKEND_PORT")}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], httputil.NewSingleHostReverseProxy(backend)))
}
