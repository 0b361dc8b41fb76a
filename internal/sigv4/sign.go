package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Sign signs a request with a long-term access key: it adds the headers X-Amz-Date and
// Authorization, and signs the host and every X-Amz-* header. r is a client's request, and
// body is its whole body.
func Sign(r *http.Request, body []byte, accessKeyID, secret, region, service string, now time.Time) error {
	now = now.UTC().Truncate(time.Second)
	r.Header.Set("X-Amz-Date", now.Format(basicTime))
	names := []string{"host"}
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Amz-") {
			names = append(names, strings.ToLower(name))
		}
	}
	slices.Sort(names)
	s := Signature{
		AccessKeyID: accessKeyID, Date: now.Format("20060102"), Region: region, Service: service,
		Time: now, signedHeaders: strings.Join(names, ";"),
	}
	payload := sha256.Sum256(body)
	text, err := s.appendCanonicalRequest(nil, r, hex.EncodeToString(payload[:]))
	if err != nil {
		return err
	}
	key := s.SigningKey(secret)
	signature := mac(key[:], s.appendStringToSign(nil, sha256.Sum256(text)))
	r.Header.Set("Authorization", fmt.Sprintf("%s Credential=%s/%s/%s/%s/%s, SignedHeaders=%s, Signature=%x",
		algorithm, accessKeyID, s.Date, region, service, terminator, s.signedHeaders, signature))
	return nil
}
