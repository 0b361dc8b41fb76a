package iam

import (
	"crypto/md5"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

// sshKey is a public key of a user for Git over SSH.
type sshKey struct {
	ID, Body, Status string
	UploadedAt       time.Time
}

const maxSSHKeys = 5 // of one user

// parseSSHKey reads an RSA key in the format of OpenSSH ("ssh-rsa AAAA...") or in PEM.
func parseSSHKey(text string) (*rsa.PublicKey, error) {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return x509.ParsePKCS1PublicKey(block.Bytes)
		}
		if key, ok := key.(*rsa.PublicKey); ok {
			return key, nil
		}
		return nil, errors.New("no RSA key")
	}
	fields := strings.Fields(text)
	if len(fields) < 2 || fields[0] != "ssh-rsa" {
		return nil, errors.New("neither ssh-rsa nor PEM")
	}
	blob, err := base64.StdEncoding.DecodeString(fields[1])
	if err != nil {
		return nil, err
	}
	var parts [3][]byte // the algorithm, the exponent, the modulus: RFC 4253, section 6.6
	for i := range parts {
		if len(blob) < 4 {
			return nil, errors.New("short key")
		}
		n := binary.BigEndian.Uint32(blob)
		if uint64(n) > uint64(len(blob)-4) {
			return nil, errors.New("short key")
		}
		parts[i], blob = blob[4:4+n], blob[4+n:]
	}
	exponent := new(big.Int).SetBytes(parts[1])
	if string(parts[0]) != "ssh-rsa" || len(blob) > 0 || !exponent.IsInt64() || exponent.Int64() > 1<<31-1 {
		return nil, errors.New("no RSA key")
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(parts[2]), E: int(exponent.Int64())}, nil
}

// sshWire is the key as SSH sends it.
func sshWire(key *rsa.PublicKey) (wire []byte) {
	add := func(part []byte) {
		wire = binary.BigEndian.AppendUint32(wire, uint32(len(part)))
		wire = append(wire, part...)
	}
	number := func(n *big.Int) []byte {
		b := n.Bytes()
		if len(b) > 0 && b[0] >= 0x80 {
			b = append([]byte{0}, b...)
		}
		return b
	}
	add([]byte("ssh-rsa"))
	add(number(big.NewInt(int64(key.E))))
	add(number(key.N))
	return wire
}

// fingerprint is the MD5 digest of a key, "9a:1e:...".
func fingerprint(key *rsa.PublicKey) string {
	sum := md5.Sum(sshWire(key))
	words := make([]string, len(sum))
	for i, b := range sum {
		words[i] = fmt.Sprintf("%02x", b)
	}
	return strings.Join(words, ":")
}

func (k *sshKey) view(h holder) (*SSHPublicKey, error) {
	key, err := parseSSHKey(k.Body)
	if err != nil {
		return nil, err
	}
	return &SSHPublicKey{
		UserName: h.name, SSHPublicKeyID: k.ID, Fingerprint: fingerprint(key), SSHPublicKeyBody: k.Body,
		Status: StatusType(k.Status), UploadDate: new(seconds(k.UploadedAt)),
	}, nil
}

func uploadSSHPublicKey(c *operation.Call, in *UploadSSHPublicKeyInput) (*UploadSSHPublicKeyOutput, error) {
	h, err := holderOf(c, &in.UserName)
	if err != nil {
		return nil, err
	}
	key, err := parseSSHKey(in.SSHPublicKeyBody)
	if err != nil {
		return nil, errInvalidPublicKey("The SSH public key is not a valid RSA key in SSH or PEM format.")
	}
	if key.N.BitLen() < 2048 {
		return nil, errInvalidPublicKey("The SSH public key must have at least 2048 bits.")
	}
	all, err := listOwned[sshKey](c, sshPublicKeys, h)
	if err != nil {
		return nil, err
	}
	for _, other := range all {
		if has, err := parseSSHKey(other.Body); err == nil && has.Equal(key) {
			return nil, errDuplicateSSHPublicKey("The SSH public key is already associated with the user %s.", h.name)
		}
	}
	if len(all) >= maxSSHKeys {
		return nil, exceeds("SSHPublicKeysPerUser", maxSSHKeys)
	}
	k := sshKey{identity.NewID("APKA", 17), in.SSHPublicKeyBody, string(StatusTypeActive), c.Now}
	v, err := k.view(h)
	if err != nil {
		return nil, err
	}
	return &UploadSSHPublicKeyOutput{SSHPublicKey: v}, sshPublicKeys.put(c, h, k.ID, k)
}

func findSSHKey(c *operation.Call, user *string, id string) (holder, sshKey, error) {
	h, err := holderOf(c, user)
	if err != nil {
		return h, sshKey{}, err
	}
	k, err := readOwned[sshKey](c, sshPublicKeys, h, id)
	if isNotFound(err) {
		err = errNoSuchEntity("The Public Key with id %s cannot be found.", id)
	}
	return h, k, err
}

// getSSHPublicKey returns a key in the format that is asked for.
func getSSHPublicKey(c *operation.Call, in *GetSSHPublicKeyInput) (*GetSSHPublicKeyOutput, error) {
	h, k, err := findSSHKey(c, &in.UserName, in.SSHPublicKeyID)
	if err != nil {
		return nil, err
	}
	v, err := k.view(h)
	if err != nil {
		return nil, err
	}
	isPEM := strings.HasPrefix(strings.TrimSpace(k.Body), "-----")
	if isPEM != (in.Encoding == EncodingTypePem) {
		key, err := parseSSHKey(k.Body)
		if err != nil {
			return nil, err
		}
		if v.SSHPublicKeyBody, err = encodeSSHKey(key, in.Encoding); err != nil {
			return nil, err
		}
	}
	return &GetSSHPublicKeyOutput{SSHPublicKey: v}, nil
}

func encodeSSHKey(key *rsa.PublicKey, encoding EncodingType) (string, error) {
	if encoding == EncodingTypeSsh {
		return "ssh-rsa " + base64.StdEncoding.EncodeToString(sshWire(key)), nil
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", fmt.Errorf("encode SSH key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

func listSSHPublicKeys(c *operation.Call, in *ListSSHPublicKeysInput) (*ListSSHPublicKeysOutput, error) {
	h, err := holderOf(c, in.UserName)
	if err != nil {
		return nil, err
	}
	all, err := listOwned[sshKey](c, sshPublicKeys, h)
	if err != nil {
		return nil, err
	}
	p, err := inOrder(apiListSSHPublicKeys.Name, in.Marker, in.MaxItems, all, func(k sshKey) (SSHPublicKeyMetadata, error) {
		return SSHPublicKeyMetadata{UserName: h.name, SSHPublicKeyID: k.ID, Status: StatusType(k.Status), UploadDate: seconds(k.UploadedAt)}, nil
	})
	if err != nil {
		return nil, err
	}
	return &ListSSHPublicKeysOutput{SSHPublicKeys: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

func updateSSHPublicKey(c *operation.Call, in *UpdateSSHPublicKeyInput) (*UpdateSSHPublicKeyOutput, error) {
	h, k, err := findSSHKey(c, &in.UserName, in.SSHPublicKeyID)
	if err != nil {
		return nil, err
	}
	if err := isStatus(in.Status); err != nil {
		return nil, err
	}
	k.Status = string(in.Status)
	return &UpdateSSHPublicKeyOutput{}, sshPublicKeys.put(c, h, k.ID, k)
}

func deleteSSHPublicKey(c *operation.Call, in *DeleteSSHPublicKeyInput) (*DeleteSSHPublicKeyOutput, error) {
	h, k, err := findSSHKey(c, &in.UserName, in.SSHPublicKeyID)
	if err != nil {
		return nil, err
	}
	return &DeleteSSHPublicKeyOutput{}, sshPublicKeys.delete(c, h, k.ID)
}
