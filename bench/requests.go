package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
)

const (
	account  = "123456789012"
	consumer = "210987654321" // the account that the stored policies name
	region   = "us-east-1"
)

// imagesPerRecipe spreads the images over recipes, with build versions 1 to 20 of each,
// as a real recipe may have.
const imagesPerRecipe = 20

func recipes(images int) int { return (images + imagesPerRecipe - 1) / imagesPerRecipe }

func recipeName(n int) string { return fmt.Sprintf("bench-%d", n) }

// imageARN returns the ARN of image i, counted from 0.
func imageARN(i int) string {
	return fmt.Sprintf("arn:aws:imagebuilder:%s:%s:image/%s/1.0.0/%d", region, account, recipeName(i/imagesPerRecipe), i%imagesPerRecipe+1)
}

// policy returns a document that lets the consumer account read one image. Documents for
// the same image differ in the edition, so that no server can skip a write because
// nothing changed.
func policy(arn string, edition int) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"Edition%d","Effect":"Allow","Principal":{"AWS":["%s"]},`+
		`"Action":["imagebuilder:GetImage","imagebuilder:ListImages"],"Resource":["%s"]}]}`, edition, consumer, arn)
}

// credentials are what a principal signs with. Only those of a session have a token.
type credentials struct{ id, secret, token string }

// rootOf returns the sandbox credentials of an account's root user, which a Writ server
// accepts on loopback.
func rootOf(account string) credentials { return credentials{id: account, secret: "test"} }

// A signer encodes one principal's signed requests to one host.
type signer struct {
	host string
	as   credentials
	now  time.Time
	keys map[string][]byte // by service, for one day and one region
}

func newSigner(host string, as credentials) *signer {
	return &signer{host: host, as: as, now: time.Now().UTC(), keys: map[string][]byte{}}
}

// getPolicy reads the policy of image i.
func (s *signer) getPolicy(i int) []byte {
	return s.request(call{service: "imagebuilder", method: "GET", path: "/GetImagePolicy", query: "imageArn=" + url.QueryEscape(imageARN(i))})
}

// putPolicy replaces the policy of image i.
func (s *signer) putPolicy(i, edition int) []byte {
	arn := imageARN(i)
	return s.imageBuilder("PutImagePolicy", map[string]any{"imageArn": arn, "policy": policy(arn, edition)})
}

// callerIdentity is GetCallerIdentity of STS.
func (s *signer) callerIdentity() []byte {
	return s.query("sts", stsVersion, "GetCallerIdentity", nil)
}

// getParameter reads parameter i, a String.
func (s *signer) getParameter(i int) []byte {
	return s.ssm("GetParameter", map[string]any{"Name": parameterName(i)})
}

// getSecure reads parameter i, a SecureString.
func (s *signer) getSecure(i int) []byte {
	return s.ssm("GetParameter", map[string]any{"Name": secureName(i), "WithDecryption": true})
}

// putParameter creates a new version of parameter i.
func (s *signer) putParameter(i, edition int) []byte {
	return s.ssm("PutParameter", map[string]any{"Name": parameterName(i), "Type": "String", "Overwrite": true,
		"Value": fmt.Sprintf("host-%d.internal.example.com, edition %d", i, edition)})
}

// putSecure creates an encrypted parameter.
func (s *signer) putSecure(i int) []byte {
	return s.ssm("PutParameter", map[string]any{"Name": secureName(i), "Type": "SecureString", "Overwrite": true, "Value": "a secret of the usual length"})
}

func parameterName(i int) string { return fmt.Sprintf("/bench/host-%d", i) }
func secureName(i int) string    { return fmt.Sprintf("/bench/secret-%d", i) }

// ssm encodes an operation of Systems Manager.
func (s *signer) ssm(operation string, input map[string]any) []byte {
	return s.request(call{service: "ssm", method: "POST", path: "/", target: "AmazonSSM." + operation,
		contentType: "application/x-amz-json-1.1", body: marshal(input)})
}

// query encodes an operation of a service with the query protocol.
func (s *signer) query(service, version, operation string, input map[string]string) []byte {
	form := url.Values{"Action": {operation}, "Version": {version}}
	for name, value := range input {
		form.Set(name, value)
	}
	return s.request(call{service: service, method: "POST", path: "/", contentType: "application/x-www-form-urlencoded", body: form.Encode()})
}

// organizations encodes an operation of AWS Organizations.
func (s *signer) organizations(operation string, input map[string]any) []byte {
	return s.request(call{service: "organizations", method: "POST", path: "/", target: "AWSOrganizationsV20161128." + operation,
		contentType: "application/x-amz-json-1.1", body: marshal(input)})
}

// imageBuilder encodes an operation of EC2 Image Builder with a JSON body.
func (s *signer) imageBuilder(operation string, input map[string]any) []byte {
	return s.request(call{service: "imagebuilder", method: "PUT", path: "/" + operation, contentType: "application/json", body: marshal(input)})
}

func marshal(input map[string]any) string {
	body, err := json.Marshal(input)
	if err != nil {
		panic(err) // strings and maps of strings
	}
	return string(body)
}

// A call is a request before it is signed. The query is in canonical form, the path needs
// no escapes.
type call struct {
	service, method, path, query string
	target                       string // the operation, for protocols with a header for it
	contentType, body            string
}

// request signs a request with Signature Version 4: the host and every X-Amz header.
func (s *signer) request(c call) []byte {
	date := s.now.Format("20060102T150405Z")
	scope := date[:8] + "/" + region + "/" + c.service + "/aws4_request"
	var names []string
	var canonical, wire string
	for _, header := range [...]struct{ name, value string }{ // in the order they are signed
		{"Host", s.host}, {"X-Amz-Date", date}, {"X-Amz-Security-Token", s.as.token}, {"X-Amz-Target", c.target},
	} {
		if header.value != "" {
			name := strings.ToLower(header.name)
			names = append(names, name)
			canonical += name + ":" + header.value + "\n"
			wire += header.name + ": " + header.value + "\r\n"
		}
	}
	signed := strings.Join(names, ";")
	canonical = c.method + "\n" + c.path + "\n" + c.query + "\n" + canonical + "\n" + signed + "\n" + hexSum(c.body)
	signature := hex.EncodeToString(mac(s.key(c.service), "AWS4-HMAC-SHA256\n"+date+"\n"+scope+"\n"+hexSum(canonical)))

	wire += "Authorization: AWS4-HMAC-SHA256 Credential=" + s.as.id + "/" + scope + ", SignedHeaders=" + signed + ", Signature=" + signature + "\r\n"
	if c.body != "" {
		wire += fmt.Sprintf("Content-Type: %s\r\nContent-Length: %d\r\n", c.contentType, len(c.body))
	}
	target := c.path
	if c.query != "" {
		target += "?" + c.query
	}
	return []byte(c.method + " " + target + " HTTP/1.1\r\n" + wire + "\r\n" + c.body)
}

func (s *signer) key(service string) []byte {
	key, ok := s.keys[service]
	if !ok {
		key = []byte("AWS4" + s.as.secret)
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
