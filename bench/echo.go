package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

// echoMain is the reference server: the least that a Go server does for a request. It
// reads the whole request and returns the bytes of a file, which the benchmark fills with
// a response of Writ, with the headers of such a response. With -sign it also signs what it
// read, with a key of ECC_NIST_P256, and returns the signature.
func echoMain(arguments []string) error {
	flags := flag.NewFlagSet("echo", flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:0", "address to listen on")
	file := flags.String("body", "", "file with the response body")
	sign := flags.Bool("sign", false, "answer a signature in place of the file")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	var body []byte
	if !*sign {
		if body, err = os.ReadFile(*file); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "echo on", listener.Addr())
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := body
		if *sign {
			input, err := io.ReadAll(r.Body)
			if err != nil {
				return
			}
			digest := sha256.Sum256(input)
			if answer, err = ecdsa.SignASN1(rand.Reader, key, digest[:]); err != nil {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
		}
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Amzn-Requestid", "2c1e9f0a-7d0e-4f5e-9a52-6a3f0d1b7c11")
		w.Write(answer)
	}))
}
