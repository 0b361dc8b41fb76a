package kms_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ/writtest"
)

// input is the input of an operation.
type input = map[string]any

// TestShapes compares the members of answers with testdata/shapes.txt, whose source is named
// there: which optional members there are is part of what clients see.
func TestShapes(t *testing.T) {
	text, err := os.ReadFile("testdata/shapes.txt")
	ok(t, err)
	want := map[string]string{} // by step
	for line := range strings.Lines(string(text)) {
		if step, members, found := strings.Cut(strings.TrimSpace(line), ": "); found && line[0] != '#' {
			want[step] = members
		}
	}
	s := writtest.New(t)
	got := map[string]string{}
	call := func(step string, in input) input {
		t.Helper()
		operation, _, _ := strings.Cut(step, " ")
		status, body := raw(t, s, operation, in)
		if status != 200 {
			t.Fatalf("%s: %d %s", step, status, body)
		}
		if body == "" {
			got[step] = "(nothing)"
			return nil
		}
		var out input
		ok(t, json.Unmarshal([]byte(body), &out))
		got[step] = strings.Join(slices.Sorted(maps.Keys(membersOf(out, ""))), " ")
		return out
	}
	key := func(step string, in input) string { return call(step, in)["KeyMetadata"].(input)["KeyId"].(string) }

	symmetric := key("CreateKey", input{})
	rsa := key("CreateKey RSA_2048", input{"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"})
	curve := key("CreateKey ECC_NIST_P256", input{"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"})
	mac := key("CreateKey HMAC_256", input{"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"})
	regions := key("CreateKey multi-Region", input{"MultiRegion": true})
	imported := key("CreateKey EXTERNAL", input{"Origin": "EXTERNAL"})

	call("DescribeKey", input{"KeyId": symmetric})
	call("ListKeys", input{})
	call("CreateAlias", input{"AliasName": "alias/a", "TargetKeyId": symmetric})
	call("ListAliases", input{"KeyId": symmetric})
	sealed := call("Encrypt", input{"KeyId": symmetric, "Plaintext": "eA=="})["CiphertextBlob"]
	call("Decrypt", input{"CiphertextBlob": sealed})
	call("ReEncrypt", input{"CiphertextBlob": sealed, "DestinationKeyId": regions})
	call("Encrypt RSA_2048", input{"KeyId": rsa, "Plaintext": "eA==", "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"})
	call("GenerateDataKey", input{"KeyId": symmetric, "KeySpec": "AES_256"})
	call("GenerateDataKeyWithoutPlaintext", input{"KeyId": symmetric, "KeySpec": "AES_256"})
	call("GenerateDataKeyPair", input{"KeyId": symmetric, "KeyPairSpec": "ECC_NIST_P256"})
	call("GenerateDataKeyPairWithoutPlaintext", input{"KeyId": symmetric, "KeyPairSpec": "ECC_NIST_P256"})
	call("GenerateRandom", input{"NumberOfBytes": 8})
	call("Sign", input{"KeyId": curve, "Message": "eA==", "SigningAlgorithm": "ECDSA_SHA_256"})
	call("GetPublicKey RSA_2048", input{"KeyId": rsa})
	call("GetPublicKey ECC_NIST_P256", input{"KeyId": curve})
	call("GenerateMac", input{"KeyId": mac, "Message": "eA==", "MacAlgorithm": "HMAC_SHA_256"})
	call("CreateGrant", input{"KeyId": symmetric, "GranteePrincipal": "arn:aws:iam::" + alice + ":root", "Operations": []string{"Encrypt"}})
	call("ListGrants", input{"KeyId": symmetric})
	call("GetKeyPolicy", input{"KeyId": symmetric})
	call("ListKeyPolicies", input{"KeyId": symmetric})
	call("EnableKeyRotation", input{"KeyId": symmetric})
	call("GetKeyRotationStatus", input{"KeyId": symmetric})
	call("GetKeyRotationStatus RSA_2048", input{"KeyId": rsa})
	call("ListKeyRotations none", input{"KeyId": symmetric})
	call("RotateKeyOnDemand", input{"KeyId": symmetric})
	call("ListKeyRotations", input{"KeyId": symmetric})
	call("TagResource", input{"KeyId": symmetric, "Tags": []input{{"TagKey": "a", "TagValue": "b"}}})
	call("ListResourceTags", input{"KeyId": symmetric})
	call("GetParametersForImport", input{"KeyId": imported, "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"})
	call("ReplicateKey", input{"KeyId": regions, "ReplicaRegion": "us-west-2"})
	call("ScheduleKeyDeletion", input{"KeyId": curve})
	call("DescribeKey pending deletion", input{"KeyId": curve})
	call("CancelKeyDeletion", input{"KeyId": curve})
	call("DescribeCustomKeyStores none", input{})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("members of the answers (-want +got):\n%s", diff)
	}
}

// membersOf returns the members of a value, each with those that hold it.
func membersOf(v any, within string) map[string]bool {
	all := map[string]bool{}
	switch v := v.(type) {
	case input:
		for name, value := range v {
			path := within + name
			inner := membersOf(value, path+".")
			if len(inner) == 0 {
				all[path] = true
			}
			maps.Copy(all, inner)
		}
	case []any:
		for _, value := range v {
			maps.Copy(all, membersOf(value, within))
		}
	}
	return all
}
