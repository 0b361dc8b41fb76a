package identity

import (
	"time"

	"github.com/writdev/writ/internal/store"
)

// ServerCertificateKind is the kind of server certificates.
const ServerCertificateKind Kind = "server-certificate"

// ServerCertificate is a certificate for TLS servers, with its private key.
type ServerCertificate struct {
	Entity
	Body, Chain string // PEM; "" for no chain
	SealedKey   []byte
	Expires     time.Time
}

// NewServerCertificate returns a certificate that is not yet stored.
func NewServerCertificate(partition, account, path, name string) ServerCertificate {
	return ServerCertificate{Entity: newEntity(ServerCertificateKind, partition, account, path, name)}
}

// ReadServerCertificate reads the certificate at an ARN. It returns store.ErrNotFound if there is none.
func ReadServerCertificate(tx *store.Tx, arn string) (ServerCertificate, error) {
	return readAs[ServerCertificate](tx, ServerCertificateKind, arn)
}

// PutServerCertificate creates or replaces a certificate.
func PutServerCertificate(tx *store.Tx, s ServerCertificate, now time.Time) error {
	return write(tx, ServerCertificateKind, &s.Entity, &s, nil, now)
}

// MoveServerCertificate changes a certificate's path and name, and thereby its ARN. Its tags move with it.
func MoveServerCertificate(tx *store.Tx, s ServerCertificate, path, name string, now time.Time) error {
	moved := s
	moved.Path, moved.Name = path, name
	moved.ARN = entityARN(ServerCertificateKind, s.partition(), s.Account, path, name)
	if moved.ARN == s.ARN {
		return nil
	}
	tags, err := tx.Tags(s.ARN)
	if err != nil {
		return err
	}
	if err := tx.DeleteResource(s.ARN); err != nil {
		return err
	}
	if err := PutServerCertificate(tx, moved, now); err != nil {
		return err
	}
	return tx.SetTags(moved.ARN, tags)
}
