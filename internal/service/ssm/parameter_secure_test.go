package ssm_test

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

// newKey creates a customer managed key that other principals may decrypt with, and returns its ARN.
func newKey(t *testing.T, s *writtest.Server, account string, readers ...string) string {
	t.Helper()
	owner := `{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"kms:*","Resource":"*"}`
	statements := []string{owner}
	for _, reader := range readers {
		statements = append(statements, `{"Effect":"Allow","Principal":{"AWS":"`+reader+`"},"Action":"kms:Decrypt","Resource":"*"}`)
	}
	out, err := kms.NewFromConfig(s.Config(account)).CreateKey(ctx, &kms.CreateKeyInput{Policy: new(document(statements...))})
	ok(t, err)
	return *out.KeyMetadata.Arn
}

func disable(t *testing.T, s *writtest.Server, account, key string) {
	t.Helper()
	_, err := kms.NewFromConfig(s.Config(account)).DisableKey(ctx, &kms.DisableKeyInput{KeyId: &key})
	ok(t, err)
}

func TestSecureString(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	arn := newKey(t, s, alice)
	for name, id := range map[string]string{"default": "alias/aws/ssm", "named": "alias/aws/ssm", "own": arn} {
		change := key(id)
		if name == "default" {
			change = func(*ssm.PutParameterInput) {}
		}
		c.put(name, "first", secure, change)
		c.put(name, "second", secure, change, overwrite)
		if v := c.value(name) + " " + c.value(name+":1"); v != "second first" {
			t.Errorf("%s: values %s", name, v)
		}
		if d := c.describe(name); *d.KeyId != id {
			t.Errorf("%s: key %s", name, *d.KeyId)
		}
		// Without decryption the value is the ciphertext of KMS, bound to this parameter.
		out, err := c.GetParameter(ctx, &ssm.GetParameterInput{Name: &name})
		ok(t, err)
		blob, err := base64.StdEncoding.DecodeString(*out.Parameter.Value)
		ok(t, err)
		if id != arn {
			continue // it can only be used by Parameter Store
		}
		admin := kms.NewFromConfig(s.Config(alice))
		plain, err := admin.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: blob, EncryptionContext: map[string]string{"PARAMETER_ARN": parameterARN(alice, name)}})
		ok(t, err)
		if string(plain.Plaintext) != "second" {
			t.Errorf("plaintext %q", plain.Plaintext)
		}
		_, err = admin.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: blob, EncryptionContext: map[string]string{"PARAMETER_ARN": parameterARN(alice, name+"x")}})
		wantCode(t, err, "InvalidCiphertextException")
	}
	// An overwrite does not inherit the key: without one, it uses the default key.
	c.put("moved", "1", secure, key(arn))
	c.put("moved", "2", secure, overwrite)
	if d := c.describe("moved"); *d.KeyId != "alias/aws/ssm" {
		t.Errorf("key %s", *d.KeyId)
	}
}

// TestSecureErrors checks that messages of KMS are relayed.
func TestSecureErrors(t *testing.T) {
	s := writtest.New(t)
	c := newClient(t, s, alice)
	arn := newKey(t, s, alice)
	relayed := func(t *testing.T, message, text, code string) {
		t.Helper()
		want := regexp.MustCompile(`^` + regexp.QuoteMeta(text+" (Service: AWSKMS; Status Code: 400; Error Code: "+code+"; Request ID: ") +
			`[0-9a-f-]{36}; Proxy: null\)$`)
		if !want.MatchString(message) {
			t.Errorf("message %q, want %s", message, want)
		}
	}
	_, err := c.tryPut("p", "x", secure, key("alias/none"))
	relayed(t, wantCode(t, err, "InvalidKeyId"), "Alias arn:aws:kms:us-east-1:"+alice+":alias/none is not found.", "NotFoundException")
	_, err = c.tryPut("p", "x", secure, key("none"))
	relayed(t, wantCode(t, err, "InvalidKeyId"), "Invalid keyId 'none'", "NotFoundException")

	c.put("p", "secret", secure, key(arn))
	ssmOnly := as(t, s, alice, "no-kms", identity("Allow", "ssm:*", "*"))
	const ciphertext = "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access."
	_, err = ssmOnly.get("p")
	relayed(t, wantCode(t, err, accessDenied), ciphertext, accessDenied)
	_, err = ssmOnly.GetParameters(ctx, &ssm.GetParametersInput{Names: []string{"p"}, WithDecryption: new(true)})
	relayed(t, wantCode(t, err, accessDenied), ciphertext, accessDenied)
	_, err = ssmOnly.GetParametersByPath(ctx, &ssm.GetParametersByPathInput{Path: new("/"), WithDecryption: new(true)})
	relayed(t, wantCode(t, err, accessDenied), ciphertext, accessDenied)
	_, err = ssmOnly.GetParameterHistory(ctx, &ssm.GetParameterHistoryInput{Name: new("p"), WithDecryption: new(true)})
	relayed(t, wantCode(t, err, accessDenied), ciphertext, accessDenied)
	_, err = ssmOnly.GetParameter(ctx, &ssm.GetParameterInput{Name: new("p")})
	ok(t, err)
	_, err = ssmOnly.tryPut("q", "x", secure, key(arn))
	relayed(t, wantCode(t, err, accessDenied), "User: arn:aws:iam::"+alice+":user/no-kms is not authorized to perform: kms:Encrypt on resource: "+
		arn+" because no identity-based policy allows the kms:Encrypt action", accessDenied)
	viaSSM := as(t, s, alice, "via-ssm", identity("Allow", "ssm:*", "*"),
		`{"Effect":"Allow","Action":["kms:Encrypt","kms:Decrypt"],"Resource":"*","Condition":{"StringEquals":{`+
			`"kms:ViaService":"ssm.us-east-1.amazonaws.com","kms:EncryptionContext:PARAMETER_ARN":"`+parameterARN(alice, "p")+`"}}}`)
	viaSSM.put("p", "secret", secure, key(arn), overwrite)
	_ = viaSSM.value("p")

	// The condition keys of a key's use are set.
	_, err = kms.NewFromConfig(s.Config(alice)).CreateAlias(ctx, &kms.CreateAliasInput{AliasName: new("alias/mine"), TargetKeyId: &arn})
	ok(t, err)
	conditioned := as(t, s, alice, "conditioned", identity("Allow", "ssm:*", "*"),
		`{"Effect":"Allow","Action":"kms:Encrypt","Resource":"*","Condition":{"StringEquals":{"kms:EncryptionAlgorithm":"SYMMETRIC_DEFAULT","kms:RequestAlias":"alias/mine"}}}`,
		`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:EncryptionAlgorithm":"SYMMETRIC_DEFAULT"},"Null":{"kms:RequestAlias":"true"}}}`)
	conditioned.put("by-alias", "secret", secure, key("alias/mine"))
	if v := conditioned.value("by-alias"); v != "secret" {
		t.Errorf("value %s", v)
	}
	_, err = conditioned.tryPut("by-alias", "secret", secure, key(arn), overwrite)
	wantCode(t, err, accessDenied)
	c.put("q", "x", secure, key(arn))
	_, err = viaSSM.get("q")
	wantCode(t, err, accessDenied)

	disable(t, s, alice, arn)
	_, err = c.get("p")
	relayed(t, wantCode(t, err, "InvalidKeyId"), arn+" is disabled.", "DisabledException")
	_, err = c.tryPut("p", "x", secure, key(arn), overwrite)
	relayed(t, wantCode(t, err, "InvalidKeyId"), arn+" is disabled.", "DisabledException")
}

// TestSecretsStaySealed searches for the plaintext in the files of the store.
func TestSecretsStaySealed(t *testing.T) {
	directory := t.TempDir()
	s := writtest.NewFromConfig(t, writ.Config{Data: directory})
	c := newClient(t, s, alice)
	const secret, public = "correct horse battery staple", "the public value"
	for _, name := range []string{"a", "b"} {
		c.put(name, secret, secure, advanced)
		c.put(name, secret, secure, overwrite)
	}
	c.put("c", public)
	seen := map[string]bool{}
	ok(t, filepath.WalkDir(directory, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, text := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret)), public} {
			if bytes.Contains(data, []byte(text)) {
				seen[text] = true
			}
		}
		return err
	}))
	if len(seen) != 1 || !seen[public] {
		t.Errorf("the files hold %v", seen)
	}
}
