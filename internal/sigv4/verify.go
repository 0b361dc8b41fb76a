package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// window is the allowed clock skew, and the validity of a signature without its own
// expiry.
const window = 15 * time.Minute

// Verify verifies that the request was signed with a key: r as received, with body being
// all of what was read from r.Body. Its error is an [*Error] of [Mismatch], [Expired] or
// [NotYetValid], or [Incomplete] if the query string cannot be parsed.
//
// An endpoint whose responses must not reveal whether an access key id exists calls
// Verify for unknown ids, too, with the key of any secret.
func (s *Signature) Verify(r *http.Request, body []byte, key SigningKey, now time.Time) error {
	if err := s.checkTime(now); err != nil {
		return err
	}
	if err := s.checkSignedHeaders(r); err != nil {
		return err
	}
	payload, err := payloadHash(r, body)
	if err != nil {
		return err
	}

	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	text, err := s.appendCanonicalRequest((*buffer)[:0], r, payload)
	*buffer = text
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	text = s.appendStringToSign(text[:0], sum)
	*buffer = text

	want := mac(key[:], text)
	// In constant time, and as text: a signature has exactly one encoding.
	if !hmac.Equal(hex.AppendEncode(nil, want[:]), []byte(s.signature)) {
		return mismatch(mismatchMessage)
	}
	return nil
}

// buffers holds reusable memory for the texts to hash.
var buffers = sync.Pool{New: func() any { return new(make([]byte, 0, 2048)) }}

// checkTime checks the request's time against the clock, and against the scope's date.
func (s *Signature) checkTime(now time.Time) error {
	now = now.UTC()
	life := s.validity()
	if oldest := now.Add(-life); s.Time.Before(oldest.Truncate(time.Second)) {
		return &Error{Expired, "Signature expired: " + s.Time.Format(basicTime) + " is now earlier than " +
			oldest.Format(basicTime) + " (" + now.Format(basicTime) + " - " + formatDuration(life) + ".)"}
	}
	if newest := now.Add(window); s.Time.After(newest) {
		return &Error{NotYetValid, "Signature not yet current: " + s.Time.Format(basicTime) + " is still later than " +
			newest.Format(basicTime) + " (" + now.Format(basicTime) + " + " + formatDuration(window) + ".)"}
	}
	if day := s.Time.Format("20060102"); s.Date != day {
		return mismatch("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
			s.Date + "' != '" + day + "', from '" + s.Time.Format(basicTime) + "'.")
	}
	return nil
}

// validity is the validity of the signature after its time. The package comment says why STS
// ignores X-Amz-Expires.
func (s *Signature) validity() time.Duration {
	if s.Expires == 0 || s.Service == "sts" {
		return window
	}
	return s.Expires
}

// formatDuration formats a duration in AWS's short form: whole minutes, else seconds.
func formatDuration(d time.Duration) string {
	if d%time.Minute == 0 {
		return strconv.Itoa(int(d/time.Minute)) + " min"
	}
	return strconv.Itoa(int(d/time.Second)) + " sec"
}

// checkSignedHeaders checks that every part that must be signed is signed, and that every signed
// header is present.
func (s *Signature) checkSignedHeaders(r *http.Request) error {
	host := false
	for name := range strings.SplitSeq(s.signedHeaders, ";") {
		switch name {
		case "host":
			host = true
		case "content-length":
		default:
			if len(r.Header.Values(name)) == 0 {
				return mismatch("The signed header '" + name + "' is not in the request.")
			}
		}
	}
	if !host {
		return mismatch("'Host' must be a 'SignedHeader' in the AWS Authorization.")
	}
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Amz-") && !s.signs(name) {
			return mismatch("'" + name + "' must be a 'SignedHeader' in the AWS Authorization.")
		}
	}
	return nil
}

func (s *Signature) signs(header string) bool {
	for name := range strings.SplitSeq(s.signedHeaders, ";") {
		if strings.EqualFold(name, header) {
			return true
		}
	}
	return false
}

// payloadHash returns the last line of the canonical request.
func payloadHash(r *http.Request, body []byte) (string, error) {
	const unsigned = "UNSIGNED-PAYLOAD"
	claimed, err := singleHeader(r.Header, "X-Amz-Content-Sha256")
	if err != nil || claimed == unsigned {
		return claimed, err
	}
	sum := sha256.Sum256(body)
	computed := hex.EncodeToString(sum[:])
	if claimed != "" && claimed != computed {
		return "", mismatch(payloadMessage)
	}
	return computed, nil
}

func (s *Signature) appendStringToSign(dst []byte, sum [sha256.Size]byte) []byte {
	dst = append(dst, algorithm+"\n"...)
	dst = s.Time.AppendFormat(dst, basicTime)
	dst = append(dst, '\n')
	for _, part := range [...]string{s.Date, s.Region, s.Service} {
		dst = append(dst, part...)
		dst = append(dst, '/')
	}
	dst = append(dst, terminator+"\n"...)
	return hex.AppendEncode(dst, sum[:])
}
