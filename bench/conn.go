package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// A conn is one keep-alive connection. It sends requests that are already encoded and
// parses as little of the response as possible. It dials again after the server closed
// it.
type conn struct {
	address  string
	deadline time.Time // for all reads and writes; zero for none
	tcp      net.Conn
	buffer   []byte
}

// A refusal is a response with a status other than 200.
type refusal struct {
	status int
	body   string
}

func (r refusal) Error() string { return fmt.Sprintf("status %d: %s", r.status, r.body) }

func (c *conn) close() {
	if c.tcp != nil {
		c.tcp.Close()
		c.tcp = nil
	}
}

// exchange sends a request and returns the body of its response, which is valid until the
// next call. A status other than 200 is returned as a refusal.
func (c *conn) exchange(request []byte) ([]byte, error) {
	if c.tcp == nil {
		dialer := net.Dialer{Deadline: c.deadline}
		tcp, err := dialer.Dial("tcp", c.address)
		if err != nil {
			return nil, err
		}
		tcp.SetDeadline(c.deadline)
		c.tcp = tcp
	}
	if c.buffer == nil {
		c.buffer = make([]byte, 32<<10)
	}
	if _, err := c.tcp.Write(request); err != nil {
		return nil, err
	}
	n, end := 0, -1
	for end < 0 {
		more, err := c.tcp.Read(c.buffer[n:])
		if err != nil {
			return nil, fmt.Errorf("read answer: %w", err)
		}
		n += more
		end = bytes.Index(c.buffer[:n], []byte("\r\n\r\n"))
	}
	header := parseHeader(c.buffer[:end+2])
	if header.length < 0 || header.closes || end+4+header.length > len(c.buffer) {
		return c.unusual(n)
	}
	end += 4
	for n < end+header.length {
		more, err := c.tcp.Read(c.buffer[n:])
		if err != nil {
			return nil, fmt.Errorf("read answer: %w", err)
		}
		n += more
	}
	body := c.buffer[end:n]
	if header.status != http.StatusOK {
		return nil, refusal{header.status, string(body)}
	}
	return body, nil
}

// unusual reads a response that is chunked, large, or the last on its connection.
func (c *conn) unusual(n int) ([]byte, error) {
	answer, err := http.ReadResponse(bufio.NewReader(io.MultiReader(bytes.NewReader(c.buffer[:n]), c.tcp)), nil)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	if answer.Close {
		c.close()
	}
	if err == nil && answer.StatusCode != http.StatusOK {
		err = refusal{answer.StatusCode, string(body)}
	}
	return body, err
}

// responseHeader holds the fields of a response header that the generator needs.
type responseHeader struct {
	status int
	length int  // of the body; -1 without Content-Length
	closes bool // the server closes the connection after the response
}

// parseHeader parses a status line and header lines, each with its line end.
func parseHeader(text []byte) responseHeader {
	h := responseHeader{length: -1}
	line, rest, _ := bytes.Cut(text, []byte("\r\n"))
	if len(line) < 12 {
		return h
	}
	h.closes = bytes.HasPrefix(line, []byte("HTTP/1.0"))
	h.status, _ = strconv.Atoi(string(line[9:12]))
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		if len(line) < len("connection:") || line[0]|0x20 != 'c' {
			continue
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if n, err := strconv.Atoi(string(bytes.TrimSpace(value))); err == nil {
				h.length = n
			}
		case bytes.EqualFold(name, []byte("Connection")):
			h.closes = h.closes || bytes.EqualFold(bytes.TrimSpace(value), []byte("close"))
		}
	}
	return h
}
