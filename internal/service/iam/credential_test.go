package iam_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/csv"
	"encoding/pem"
	"fmt"
	"image/png"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/writdev/writ/writtest"
)

// otp is the one-time code of a seed at a time, computed beside the server's own code.
func otp(t testing.TB, seed []byte, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.DecodeString(string(seed))
	ok(t, err)
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(at.Unix()/30))
	mac := hmac.New(sha1.New, key)
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	n := binary.BigEndian.Uint32(sum[sum[19]&15:]) & 0x7fffffff
	return fmt.Sprintf("%06d", n%1000000)
}

// device makes and enables a device of a user at the time of the clock.
func (c client) device(user, name string, now time.Time) (serial string, seed []byte) {
	c.t.Helper()
	made, err := c.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &name})
	ok(c.t, err)
	serial, seed = *made.VirtualMFADevice.SerialNumber, made.VirtualMFADevice.Base32StringSeed
	_, err = c.EnableMFADevice(ctx, &iam.EnableMFADeviceInput{
		UserName: &user, SerialNumber: &serial,
		AuthenticationCode1: new(otp(c.t, seed, now.Add(-time.Minute))), AuthenticationCode2: new(otp(c.t, seed, now.Add(-30*time.Second))),
	})
	ok(c.t, err)
	return serial, seed
}

func TestLoginProfile(t *testing.T) {
	t.Parallel()
	s := writtest.New(t)
	c := root(t, s, alice)
	c.user("ann")
	create := func(password string) error {
		return second(c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: new("ann"), Password: &password}))
	}
	_, err := c.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: new("ann")})
	fails(t, err, "NoSuchEntity", "Login Profile for User ann cannot be found.")
	fails(t, create("short"), "PasswordPolicyViolation", "")
	fails(t, create("onlylowercase"), "PasswordPolicyViolation", "")
	ok(t, create("Correct-Horse-7"))
	fails(t, create("Correct-Horse-7"), "EntityAlreadyExists", "Login Profile for user ann already exists.")
	_, err = c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: new("ann")})
	fails(t, err, "DeleteConflict", "Cannot delete entity, must delete login profile first.")

	// The user changes its own password, where the policy of the account lets all users.
	ann := c.login(s, "ann")
	change := func(old, to string) error {
		return second(ann.ChangePassword(ctx, &iam.ChangePasswordInput{OldPassword: &old, NewPassword: &to}))
	}
	fails(t, change("Correct-Horse-7", "Correct-Horse-8"), "AccessDenied", "")
	ok(t, second(c.UpdateAccountPasswordPolicy(ctx, &iam.UpdateAccountPasswordPolicyInput{
		MinimumPasswordLength: new(int32(10)), AllowUsersToChangePassword: true, PasswordReusePrevention: new(int32(1)), RequireSymbols: true,
	})))
	fails(t, change("wrong", "Correct-Horse-8"), "InvalidInput", "The old password was incorrect.")
	fails(t, change("Correct-Horse-7", "nosymbolhere"), "PasswordPolicyViolation", "")
	fails(t, change("Correct-Horse-7", "Correct-Horse-7"), "PasswordPolicyViolation", "")
	ok(t, change("Correct-Horse-7", "Correct-Horse-8"))
	fails(t, change("Correct-Horse-7", "Correct-Horse-9"), "InvalidInput", "")
	fails(t, second(c.ChangePassword(ctx, &iam.ChangePasswordInput{OldPassword: new("x"), NewPassword: new("y")})), "InvalidUserType", "")

	// It stays with a user that is renamed.
	ok(t, second(c.UpdateUser(ctx, &iam.UpdateUserInput{UserName: new("ann"), NewUserName: new("anne")})))
	got, err := c.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: new("anne")})
	ok(t, err)
	if *got.LoginProfile.UserName != "anne" || got.LoginProfile.PasswordResetRequired {
		t.Errorf("login profile %+v", got.LoginProfile)
	}
	ok(t, second(c.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{UserName: new("anne")})))
	_, err = c.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{UserName: new("anne")})
	fails(t, err, "NoSuchEntity", "Login Profile for User anne cannot be found.")
}

func TestPasswordPolicy(t *testing.T) {
	t.Parallel()
	c := root(t, writtest.New(t), alice)
	_, err := c.GetAccountPasswordPolicy(ctx, &iam.GetAccountPasswordPolicyInput{})
	fails(t, err, "NoSuchEntity", "The Password Policy with domain name "+alice+" cannot be found.")
	_, err = c.DeleteAccountPasswordPolicy(ctx, &iam.DeleteAccountPasswordPolicyInput{})
	fails(t, err, "NoSuchEntity", "The account policy with name PasswordPolicy cannot be found.")
	_, err = c.UpdateAccountPasswordPolicy(ctx, &iam.UpdateAccountPasswordPolicyInput{
		MinimumPasswordLength: new(int32(500)), PasswordReusePrevention: new(int32(500)), MaxPasswordAge: new(int32(5000)),
	})
	fails(t, err, "ValidationError", "3 validation errors detected: Value at 'minimumPasswordLength' failed to satisfy constraint: Member must have value less than or equal to 128; "+
		"Value at 'passwordReusePrevention' failed to satisfy constraint: Member must have value less than or equal to 24; "+
		"Value at 'maxPasswordAge' failed to satisfy constraint: Member must have value less than or equal to 1095")
	ok(t, second(c.UpdateAccountPasswordPolicy(ctx, &iam.UpdateAccountPasswordPolicyInput{})))
	got, err := c.GetAccountPasswordPolicy(ctx, &iam.GetAccountPasswordPolicyInput{})
	ok(t, err)
	if p := got.PasswordPolicy; *p.MinimumPasswordLength != 6 || p.ExpirePasswords || p.MaxPasswordAge != nil || p.HardExpiry != nil {
		t.Errorf("default policy %+v", p)
	}
	ok(t, second(c.DeleteAccountPasswordPolicy(ctx, &iam.DeleteAccountPasswordPolicyInput{})))
}

func TestMFADevices(t *testing.T) {
	t.Parallel()
	s := writtest.New(t)
	c := root(t, s, alice)
	c.user("ann")
	c.user("bea")
	now := time.Now()
	made, err := c.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("phone"), Path: new("/team/")})
	ok(t, err)
	d := made.VirtualMFADevice
	if *d.SerialNumber != arnOf("mfa/team/phone") || len(d.Base32StringSeed) != 64 {
		t.Errorf("device %s, seed of %d", *d.SerialNumber, len(d.Base32StringSeed))
	}
	if picture, err := png.Decode(bytes.NewReader(d.QRCodePNG)); err != nil || picture.Bounds().Dx() < 100 {
		t.Errorf("QR code: %v", err)
	}
	_, err = c.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("phone"), Path: new("/team/")})
	fails(t, err, "EntityAlreadyExists", "MFA device already exists.")

	enable := func(user, first, second string) error {
		_, err := c.EnableMFADevice(ctx, &iam.EnableMFADeviceInput{
			UserName: &user, SerialNumber: d.SerialNumber, AuthenticationCode1: &first, AuthenticationCode2: &second,
		})
		return err
	}
	code := func(after time.Duration) string { return otp(t, d.Base32StringSeed, now.Add(after)) }
	fails(t, enable("nobody", code(-30*time.Second), code(0)), "NoSuchEntity", "The user with name nobody cannot be found.")
	fails(t, enable("ann", code(0), code(0)), "InvalidAuthenticationCode", "Authentication code for device is not valid.")
	fails(t, enable("ann", code(0), code(-30*time.Second)), "InvalidAuthenticationCode", "")
	ok(t, enable("ann", code(-30*time.Second), code(0)))
	fails(t, enable("bea", code(-30*time.Second), code(0)), "EntityAlreadyExists", "MFA Device is already in use.")

	list, err := c.ListMFADevices(ctx, &iam.ListMFADevicesInput{UserName: new("ann")})
	ok(t, err)
	if len(list.MFADevices) != 1 || *list.MFADevices[0].SerialNumber != *d.SerialNumber || *list.MFADevices[0].UserName != "ann" {
		t.Errorf("devices %+v", list.MFADevices)
	}
	assigned, err := c.ListVirtualMFADevices(ctx, &iam.ListVirtualMFADevicesInput{AssignmentStatus: types.AssignmentStatusTypeAssigned})
	ok(t, err)
	if v := assigned.VirtualMFADevices; len(v) != 1 || *v[0].User.UserName != "ann" || v[0].EnableDate == nil || v[0].Base32StringSeed != nil {
		t.Errorf("assigned %+v", v)
	}
	_, err = c.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: d.SerialNumber})
	fails(t, err, "DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.")
	_, err = c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: new("ann")})
	fails(t, err, "DeleteConflict", "Cannot delete entity, must delete MFA device first.")
	_, err = c.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{UserName: new("bea"), SerialNumber: d.SerialNumber})
	fails(t, err, "NoSuchEntity", "MFA Device with serial number "+*d.SerialNumber+" does not exist.")
	ok(t, second(c.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{UserName: new("ann"), SerialNumber: d.SerialNumber})))
	fails(t, enable("ann", code(-30*time.Second), code(0)), "InvalidAuthenticationCode", "") // the codes were used
	ok(t, second(c.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: d.SerialNumber})))
	_, err = c.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: d.SerialNumber})
	fails(t, err, "NoSuchEntity", "MFA Device with serial number "+*d.SerialNumber+" does not exist.")
}

// selfSigned is a certificate and its key, in PEM.
func selfSigned(t testing.TB, name string) (cert, key string) {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	ok(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	ok(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	ok(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}

func TestServerCertificates(t *testing.T) {
	t.Parallel()
	c := root(t, writtest.New(t), alice)
	cert, key := selfSigned(t, "web")
	_, other := selfSigned(t, "other")
	upload := func(body, key string) error {
		return second(c.UploadServerCertificate(ctx, &iam.UploadServerCertificateInput{ServerCertificateName: new("web"), CertificateBody: &body, PrivateKey: &key}))
	}
	fails(t, upload("nonsense", key), "MalformedCertificate", "")
	fails(t, upload(cert, "nonsense"), "MalformedCertificate", "")
	fails(t, upload(cert, other), "KeyPairMismatch", "")
	ok(t, upload(cert, key))
	fails(t, upload(cert, key), "EntityAlreadyExists", "The Server Certificate with name web already exists.")
	ok(t, second(c.TagServerCertificate(ctx, &iam.TagServerCertificateInput{ServerCertificateName: new("web"), Tags: []types.Tag{{Key: new("a"), Value: new("b")}}})))
	ok(t, second(c.UpdateServerCertificate(ctx, &iam.UpdateServerCertificateInput{ServerCertificateName: new("web"), NewPath: new("/team/"), NewServerCertificateName: new("site")})))
	got, err := c.GetServerCertificate(ctx, &iam.GetServerCertificateInput{ServerCertificateName: new("site")})
	ok(t, err)
	m := got.ServerCertificate
	if *m.CertificateBody != strings.TrimSpace(cert) || m.CertificateChain != nil || len(m.Tags) != 1 || m.ServerCertificateMetadata.Expiration == nil ||
		*m.ServerCertificateMetadata.Arn != arnOf("server-certificate/team/site") || !strings.HasPrefix(*m.ServerCertificateMetadata.ServerCertificateId, "ASCA") {
		t.Errorf("certificate %+v", m.ServerCertificateMetadata)
	}
	ok(t, second(c.DeleteServerCertificate(ctx, &iam.DeleteServerCertificateInput{ServerCertificateName: new("site")})))
	_, err = c.GetServerCertificate(ctx, &iam.GetServerCertificateInput{ServerCertificateName: new("site")})
	fails(t, err, "NoSuchEntity", "The Server Certificate with name site cannot be found.")
}

func TestSigningCertificates(t *testing.T) {
	t.Parallel()
	c := root(t, writtest.New(t), alice)
	c.user("ann")
	upload := func(body string) (*iam.UploadSigningCertificateOutput, error) {
		return c.UploadSigningCertificate(ctx, &iam.UploadSigningCertificateInput{UserName: new("ann"), CertificateBody: &body})
	}
	_, err := upload("invalid-certificate-body")
	fails(t, err, "MalformedCertificate", "Certificate invalid-certificate-body is malformed.")
	cert, _ := selfSigned(t, "ann")
	first, err := upload(cert)
	ok(t, err)
	_, err = upload(cert)
	fails(t, err, "DuplicateCertificate", "")
	cert, _ = selfSigned(t, "ann")
	ok(t, second(upload(cert)))
	cert, _ = selfSigned(t, "ann")
	_, err = upload(cert)
	fails(t, err, "LimitExceeded", "Cannot exceed quota for CertificatesPerUser: 2")
	ok(t, second(c.UpdateSigningCertificate(ctx, &iam.UpdateSigningCertificateInput{UserName: new("ann"), CertificateId: first.Certificate.CertificateId, Status: types.StatusTypeInactive})))
	ok(t, second(c.DeleteSigningCertificate(ctx, &iam.DeleteSigningCertificateInput{UserName: new("ann"), CertificateId: first.Certificate.CertificateId})))
	_, err = c.DeleteSigningCertificate(ctx, &iam.DeleteSigningCertificateInput{UserName: new("ann"), CertificateId: new("NONEXISTENTCERTID12345678901")})
	fails(t, err, "NoSuchEntity", "The Certificate with id NONEXISTENTCERTID12345678901 cannot be found.")
}

func TestSSHKeys(t *testing.T) {
	t.Parallel()
	c := root(t, writtest.New(t), alice)
	c.user("ann")
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	ok(t, err)
	wire := func(parts ...[]byte) (b []byte) {
		for _, p := range parts {
			b = append(binary.BigEndian.AppendUint32(b, uint32(len(p))), p...)
		}
		return b
	}
	body := "ssh-rsa " + base64.StdEncoding.EncodeToString(wire([]byte("ssh-rsa"), []byte{1, 0, 1}, append([]byte{0}, private.N.Bytes()...))) + " ann@laptop"
	upload := func(body string) (*iam.UploadSSHPublicKeyOutput, error) {
		return c.UploadSSHPublicKey(ctx, &iam.UploadSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyBody: &body})
	}
	for _, bad := range []string{"ssh-ed25519 AAAA", "ssh-rsa AAAA", "ssh-rsa " + base64.StdEncoding.EncodeToString(wire([]byte("ssh-rsa"), []byte{3})), "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"} {
		_, err := upload(bad)
		fails(t, err, "InvalidPublicKey", "")
	}
	k, err := upload(body)
	ok(t, err)
	_, err = upload(body)
	fails(t, err, "DuplicateSSHPublicKey", "")
	get := func(encoding types.EncodingType) string {
		out, err := c.GetSSHPublicKey(ctx, &iam.GetSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyId: k.SSHPublicKey.SSHPublicKeyId, Encoding: encoding})
		ok(t, err)
		return *out.SSHPublicKey.SSHPublicKeyBody
	}
	if get(types.EncodingTypeSsh) != body {
		t.Error("another key")
	}
	block, _ := pem.Decode([]byte(get(types.EncodingTypePem)))
	if key, err := x509.ParsePKIXPublicKey(block.Bytes); err != nil || !private.PublicKey.Equal(key) {
		t.Errorf("the key in PEM: %v", err)
	}
	if len(*k.SSHPublicKey.Fingerprint) != 47 || !strings.HasPrefix(*k.SSHPublicKey.SSHPublicKeyId, "APKA") {
		t.Errorf("key %+v", k.SSHPublicKey)
	}
	ok(t, second(c.UpdateSSHPublicKey(ctx, &iam.UpdateSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyId: k.SSHPublicKey.SSHPublicKeyId, Status: types.StatusTypeInactive})))
	list, err := c.ListSSHPublicKeys(ctx, &iam.ListSSHPublicKeysInput{UserName: new("ann")})
	ok(t, err)
	if len(list.SSHPublicKeys) != 1 || list.SSHPublicKeys[0].Status != types.StatusTypeInactive {
		t.Errorf("keys %+v", list.SSHPublicKeys)
	}
	_, err = c.DeleteSSHPublicKey(ctx, &iam.DeleteSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyId: new("APKAXXXXXXXXXXXXXXXXX")})
	fails(t, err, "NoSuchEntity", "The Public Key with id APKAXXXXXXXXXXXXXXXXX cannot be found.")
	_, err = c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: new("ann")})
	fails(t, err, "DeleteConflict", "Cannot delete entity, must remove referenced objects first.")
}

func TestServiceSpecificCredentials(t *testing.T) {
	t.Parallel()
	s := writtest.New(t)
	c := root(t, s, alice)
	c.user("ann")
	create := func(c client, user, service string) (*iam.CreateServiceSpecificCredentialOutput, error) {
		return c.CreateServiceSpecificCredential(ctx, &iam.CreateServiceSpecificCredentialInput{UserName: &user, ServiceName: &service})
	}
	_, err := create(c, "nobody", "nonexistentservice.amazonaws.com")
	fails(t, err, "NoSuchEntity", "The user with name nobody cannot be found.")
	_, err = create(c, "ann", "lambda.amazonaws.com")
	fails(t, err, "NoSuchEntity", "No such service lambda.amazonaws.com is supported for Service Specific Credentials")
	made, err := create(c, "ann", "codecommit.amazonaws.com")
	ok(t, err)
	v := made.ServiceSpecificCredential
	if *v.ServiceUserName != "ann-at-"+alice || len(*v.ServicePassword) != 60 || v.ServiceCredentialAlias != nil {
		t.Errorf("credential %+v", v)
	}
	reset, err := c.ResetServiceSpecificCredential(ctx, &iam.ResetServiceSpecificCredentialInput{UserName: new("ann"), ServiceSpecificCredentialId: v.ServiceSpecificCredentialId})
	ok(t, err)
	if *reset.ServiceSpecificCredential.ServicePassword == *v.ServicePassword {
		t.Error("the password was not reset")
	}
	_, err = c.DeleteServiceSpecificCredential(ctx, &iam.DeleteServiceSpecificCredentialInput{UserName: new("ann"), ServiceSpecificCredentialId: new("satisfiesregexbutstillinvalid")})
	fails(t, err, "NoSuchEntity", "No such credential satisfiesregexbutstillinvalid exists")
	again, err := create(c, "ann", "codecommit.amazonaws.com")
	ok(t, err)
	if *again.ServiceSpecificCredential.ServiceUserName != "ann+1-at-"+alice {
		t.Errorf("second user name %s", *again.ServiceSpecificCredential.ServiceUserName)
	}
	_, err = create(c, "ann", "codecommit.amazonaws.com")
	fails(t, err, "LimitExceeded", "Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2")
	key, err := create(c, "ann", "bedrock.amazonaws.com")
	ok(t, err)
	if k := key.ServiceSpecificCredential; k.ServicePassword != nil || !strings.HasPrefix(*k.ServiceCredentialSecret, "ABSK") {
		t.Errorf("API key %+v", k)
	}

	// A policy may allow some services only.
	bound := as(t, s, "bound", `{"Effect":"Allow","Action":"iam:*ServiceSpecificCredential","Resource":"*","Condition":{"StringEquals":{"iam:ServiceSpecificCredentialServiceName":"cassandra.amazonaws.com"}}}`)
	ok(t, second(create(bound, "ann", "cassandra.amazonaws.com")))
	_, err = bound.DeleteServiceSpecificCredential(ctx, &iam.DeleteServiceSpecificCredentialInput{UserName: new("ann"), ServiceSpecificCredentialId: v.ServiceSpecificCredentialId})
	fails(t, err, "AccessDenied", "")
}

func TestCredentialReport(t *testing.T) {
	t.Parallel()
	s := writtest.New(t)
	c := root(t, s, alice)
	_, err := c.GetCredentialReport(ctx, &iam.GetCredentialReportInput{})
	fails(t, err, "ReportNotPresent", "")
	c.user("ann")
	ok(t, second(c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: new("ann"), Password: new("Correct-Horse-7")})))
	c.device("ann", "phone", time.Now())
	ann := c.login(s, "ann")
	_, err = ann.GetUser(ctx, &iam.GetUserInput{})
	fails(t, err, "AccessDenied", "")
	for _, want := range []types.ReportStateType{types.ReportStateTypeStarted, types.ReportStateTypeComplete} {
		out, err := c.GenerateCredentialReport(ctx, &iam.GenerateCredentialReportInput{})
		ok(t, err)
		if out.State != want {
			t.Errorf("state %s, want %s", out.State, want)
		}
	}
	out, err := c.GetCredentialReport(ctx, &iam.GetCredentialReportInput{})
	ok(t, err)
	rows, err := csv.NewReader(bytes.NewReader(out.Content)).ReadAll()
	ok(t, err)
	if len(rows) != 3 || rows[1][0] != "<root_account>" || rows[2][0] != "ann" {
		t.Fatalf("rows %v", rows)
	}
	row := map[string]string{}
	for i, name := range rows[0] {
		row[name] = rows[2][i]
	}
	for column, want := range map[string]string{
		"password_enabled": "true", "mfa_active": "true", "access_key_1_active": "true", "access_key_1_last_used_service": "iam",
		"access_key_2_active": "false", "access_key_2_last_rotated": "N/A", "cert_1_active": "false",
	} {
		if row[column] != want {
			t.Errorf("%s is %q, want %q", column, row[column], want)
		}
	}
}
