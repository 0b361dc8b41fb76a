package kms_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

// BenchmarkSign sends signed Sign requests of ECC_NIST_P256 over HTTP, to Writ and to a server that only
// reads the body, signs and responds.
func BenchmarkSign(b *testing.B) {
	pair, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Message []byte }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), 400)
			return
		}
		digest := sha256.Sum256(in.Message)
		signature, err := ecdsa.SignASN1(rand.Reader, pair, digest[:])
		if err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		json.NewEncoder(w).Encode(map[string]any{"Signature": signature, "KeyId": "key", "SigningAlgorithm": "ECDSA_SHA_256"})
	}))
	defer bare.Close()
	s := writtest.NewFromConfig(b, writ.Config{})
	made, err := kms.NewFromConfig(s.Config(alice)).CreateKey(ctx, &kms.CreateKeyInput{KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY"})
	if err != nil {
		b.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"KeyId": made.KeyMetadata.KeyId, "Message": []byte("message"), "SigningAlgorithm": "ECDSA_SHA_256"})
	if err != nil {
		b.Fatal(err)
	}
	for name, url := range map[string]string{"bare": bare.URL, "writ": s.URL} {
		b.Run(name, func(b *testing.B) {
			req, err := http.NewRequest("POST", url+"/", bytes.NewReader(body))
			if err != nil {
				b.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/x-amz-json-1.1")
			req.Header.Set("X-Amz-Target", "TrentService.Sign")
			key, err := s.Config(alice).Credentials.Retrieve(ctx)
			if err != nil {
				b.Fatal(err)
			}
			sum := sha256.Sum256(body)
			if err := v4.NewSigner().SignHTTP(ctx, key, req, hex.EncodeToString(sum[:]), "kms", writtest.Region, time.Now()); err != nil {
				b.Fatal(err)
			}
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r := req.Clone(ctx)
					r.Body = io.NopCloser(bytes.NewReader(body))
					res, err := http.DefaultClient.Do(r)
					if err != nil || res.StatusCode != 200 {
						b.Errorf("%v %v", err, res)
						return
					}
					io.Copy(io.Discard, res.Body)
					res.Body.Close()
				}
			})
		})
	}
}
