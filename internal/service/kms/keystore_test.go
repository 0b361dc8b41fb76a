package kms_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/writdev/writ/writtest"
)

func proxy(name, path string) *kms.CreateCustomKeyStoreInput {
	return &kms.CreateCustomKeyStoreInput{
		CustomKeyStoreName: &name, CustomKeyStoreType: "EXTERNAL_KEY_STORE", XksProxyConnectivity: "PUBLIC_ENDPOINT",
		XksProxyUriEndpoint: new("https://xks.example.com"), XksProxyUriPath: &path,
		XksProxyAuthenticationCredential: &types.XksProxyAuthenticationCredentialType{
			AccessKeyId: new("ABCDE2345672ABCDE234"), RawSecretAccessKey: new("DXjSUawnel2fr6SKC7G25CNxTyWKE5PF9XX6H6u9pSo="),
		},
	}
}

func cluster(name, id string) *kms.CreateCustomKeyStoreInput {
	return &kms.CreateCustomKeyStoreInput{
		CustomKeyStoreName: &name, CloudHsmClusterId: &id, KeyStorePassword: new("kmsPswd"), TrustAnchorCertificate: new("-----BEGIN CERTIFICATE-----"),
	}
}

// TestKeyStores tests records of custom key stores, which are never connected.
func TestKeyStores(t *testing.T) {
	a := root(t, writtest.New(t), alice)
	hsm, err := a.CreateCustomKeyStore(ctx, cluster("hsm", "cluster-abcdefghijk"))
	ok(t, err)
	xks, err := a.CreateCustomKeyStore(ctx, proxy("xks", "/one/kms/xks/v1"))
	ok(t, err)
	for _, test := range []struct {
		in   *kms.CreateCustomKeyStoreInput
		code string
	}{
		{cluster("hsm", "cluster-bcdefghijkl"), "CustomKeyStoreNameInUseException"},
		{cluster("other", "cluster-abcdefghijk"), "CloudHsmClusterInUseException"},
		{proxy("other", "/one/kms/xks/v1"), "XksProxyUriInUseException"},
		{&kms.CreateCustomKeyStoreInput{CustomKeyStoreName: new("other")}, validation},
		{&kms.CreateCustomKeyStoreInput{CustomKeyStoreName: new("other"), CustomKeyStoreType: "EXTERNAL_KEY_STORE"}, validation},
	} {
		_, err := a.CreateCustomKeyStore(ctx, test.in)
		wantCode(t, err, test.code)
	}
	out, err := a.DescribeCustomKeyStores(ctx, &kms.DescribeCustomKeyStoresInput{CustomKeyStoreId: xks.CustomKeyStoreId})
	ok(t, err)
	if len(out.CustomKeyStores) != 1 || out.CustomKeyStores[0].ConnectionState != "DISCONNECTED" || *out.CustomKeyStores[0].CustomKeyStoreName != "xks" ||
		*out.CustomKeyStores[0].XksProxyConfiguration.UriPath != "/one/kms/xks/v1" || out.CustomKeyStores[0].CloudHsmClusterId != nil {
		t.Errorf("%+v", out.CustomKeyStores)
	}
	all, err := a.DescribeCustomKeyStores(ctx, &kms.DescribeCustomKeyStoresInput{})
	ok(t, err)
	if len(all.CustomKeyStores) != 2 {
		t.Errorf("%+v", all.CustomKeyStores)
	}
	for _, err := range []error{
		second(a.CreateKey(ctx, &kms.CreateKeyInput{Origin: "AWS_CLOUDHSM", CustomKeyStoreId: hsm.CustomKeyStoreId})),
		second(a.CreateKey(ctx, &kms.CreateKeyInput{Origin: "EXTERNAL_KEY_STORE", CustomKeyStoreId: xks.CustomKeyStoreId, XksKeyId: new("bb8562717f809024")})),
		second(a.GenerateRandom(ctx, &kms.GenerateRandomInput{CustomKeyStoreId: hsm.CustomKeyStoreId, NumberOfBytes: new(int32(8))})),
		second(a.DisconnectCustomKeyStore(ctx, &kms.DisconnectCustomKeyStoreInput{CustomKeyStoreId: hsm.CustomKeyStoreId})),
	} {
		wantCode(t, err, "CustomKeyStoreInvalidStateException")
	}
	for _, err := range []error{
		second(a.CreateKey(ctx, &kms.CreateKeyInput{Origin: "AWS_CLOUDHSM"})),
		second(a.CreateKey(ctx, &kms.CreateKeyInput{CustomKeyStoreId: hsm.CustomKeyStoreId})),
		second(a.CreateKey(ctx, &kms.CreateKeyInput{XksKeyId: new("bb8562717f809024")})),
	} {
		wantCode(t, err, validation)
	}
	_, err = a.ConnectCustomKeyStore(ctx, &kms.ConnectCustomKeyStoreInput{CustomKeyStoreId: hsm.CustomKeyStoreId})
	wantCode(t, err, "CloudHsmClusterNotActiveException")
	_, err = a.ConnectCustomKeyStore(ctx, &kms.ConnectCustomKeyStoreInput{CustomKeyStoreId: xks.CustomKeyStoreId})
	wantCode(t, err, unsupported)
	_, err = a.UpdateCustomKeyStore(ctx, &kms.UpdateCustomKeyStoreInput{CustomKeyStoreId: xks.CustomKeyStoreId, NewCustomKeyStoreName: new("hsm")})
	wantCode(t, err, "CustomKeyStoreNameInUseException")
	_, err = a.UpdateCustomKeyStore(ctx, &kms.UpdateCustomKeyStoreInput{CustomKeyStoreId: xks.CustomKeyStoreId, NewCustomKeyStoreName: new("renamed")})
	ok(t, err)
	_, err = a.DescribeCustomKeyStores(ctx, &kms.DescribeCustomKeyStoresInput{CustomKeyStoreName: new("xks")})
	wantCode(t, err, "CustomKeyStoreNotFoundException")
	_, err = a.DeleteCustomKeyStore(ctx, &kms.DeleteCustomKeyStoreInput{CustomKeyStoreId: xks.CustomKeyStoreId})
	ok(t, err)
	_, err = a.DeleteCustomKeyStore(ctx, &kms.DeleteCustomKeyStoreInput{CustomKeyStoreId: xks.CustomKeyStoreId})
	wantCode(t, err, "CustomKeyStoreNotFoundException")
}
