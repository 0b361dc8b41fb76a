package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"time"
)

// The sandbox credentials of a Writ server on loopback: the account's root user.
const (
	account  = "123456789012"
	secret   = "test"
	consumer = "210987654321" // the account that stored policies name
	region   = "us-east-1"
)

// imagesPerRecipe spreads the images over recipes: build 1 to 20 of each, which
// is a history that a real recipe may have.
const imagesPerRecipe = 20

func recipes(images int) int { return (images + imagesPerRecipe - 1) / imagesPerRecipe }

func recipeName(n int) string { return fmt.Sprintf("bench-%d", n) }

// imageARN is the ARN of image i, counted from 0.
func imageARN(i int) string {
	return fmt.Sprintf("arn:aws:imagebuilder:%s:%s:image/%s/1.0.0/%d", region, account, recipeName(i/imagesPerRecipe), i%imagesPerRecipe+1)
}

// policy lets the consumer account read one image. The edition tells documents
// for the same image apart, so that no write can be saved by comparing.
func policy(arn string, edition int) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"Edition%d","Effect":"Allow","Principal":{"AWS":["%s"]},`+
		`"Action":["imagebuilder:GetImage","imagebuilder:ListImages"],"Resource":["%s"]}]}`, edition, consumer, arn)
}

// A signer writes signed requests to one host as the bytes that go over the wire.
type signer struct {
	host string
	now  time.Time
	keys map[string][]byte // by service; one day, one region
}

func newSigner(host string) *signer {
	return &signer{host: host, now: time.Now().UTC(), keys: map[string][]byte{}}
}

// getPolicy reads the policy of image i.
func (s *signer) getPolicy(i int) []byte {
	return s.request("imagebuilder", "GET", "/GetImagePolicy", "imageArn="+url.QueryEscape(imageARN(i)), "", "")
}

// putPolicy replaces the policy of image i.
func (s *signer) putPolicy(i, edition int) []byte {
	arn := imageARN(i)
	return s.imageBuilder("PutImagePolicy", map[string]any{"imageArn": arn, "policy": policy(arn, edition)})
}

// callerIdentity asks STS who is asking.
func (s *signer) callerIdentity() []byte {
	return s.request("sts", "POST", "/", "", "application/x-www-form-urlencoded", "Action=GetCallerIdentity&Version=2011-06-15")
}

// imageBuilder is an operation of EC2 Image Builder that takes its input as a body.
func (s *signer) imageBuilder(operation string, input map[string]any) []byte {
	body, err := json.Marshal(input)
	if err != nil {
		panic(err) // strings and maps of strings
	}
	return s.request("imagebuilder", "PUT", "/"+operation, "", "application/json", string(body))
}

// request signs one request by Signature Version 4. The query is in canonical
// form, the path has nothing to escape.
func (s *signer) request(service, method, path, query, contentType, body string) []byte {
	date := s.now.Format("20060102T150405Z")
	scope := date[:8] + "/" + region + "/" + service + "/aws4_request"
	canonical := method + "\n" + path + "\n" + query + "\nhost:" + s.host + "\nx-amz-date:" + date + "\n\nhost;x-amz-date\n" + hexSum(body)
	signature := hex.EncodeToString(mac(s.key(service), "AWS4-HMAC-SHA256\n"+date+"\n"+scope+"\n"+hexSum(canonical)))

	target := path
	if query != "" {
		target += "?" + query
	}
	wire := method + " " + target + " HTTP/1.1\r\nHost: " + s.host + "\r\nX-Amz-Date: " + date +
		"\r\nAuthorization: AWS4-HMAC-SHA256 Credential=" + account + "/" + scope + ", SignedHeaders=host;x-amz-date, Signature=" + signature + "\r\n"
	if body != "" {
		wire += fmt.Sprintf("Content-Type: %s\r\nContent-Length: %d\r\n", contentType, len(body))
	}
	return []byte(wire + "\r\n" + body)
}

func (s *signer) key(service string) []byte {
	key, ok := s.keys[service]
	if !ok {
		key = []byte("AWS4" + secret)
		for _, part := range []string{s.now.Format("20060102"), region, service, "aws4_request"} {
			key = mac(key, part)
		}
		s.keys[service] = key
	}
	return key
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func hexSum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
