package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

// echoMain is the reference server: the least that a Go server does for a request. It
// reads the whole request and returns the bytes of a file, which the benchmark fills with
// a response of Writ, with the headers of such a response.
func echoMain(arguments []string) error {
	flags := flag.NewFlagSet("echo", flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:0", "address to listen on")
	file := flags.String("body", "", "file with the response body")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	body, err := os.ReadFile(*file)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "echo on", listener.Addr())
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Amzn-Requestid", "2c1e9f0a-7d0e-4f5e-9a52-6a3f0d1b7c11")
		w.Write(body)
	}))
}
