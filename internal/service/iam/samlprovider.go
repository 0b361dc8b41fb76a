package iam

import (
	"crypto/rsa"
	"slices"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/federation"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
)

const (
	maxSAMLProviders = 100 // of one account
	maxSAMLKeys      = 2   // of one provider
)

// defaultValidity is how long a provider is valid if its metadata does not say.
const defaultValidity = 100 // years

// onNewSAMLProvider is the target of CreateSAMLProvider.
func onNewSAMLProvider(c *operation.Call, in *CreateSAMLProviderInput) (authz.Target, error) {
	return target(c, newARN(c, identity.SAMLProviderKind, "/", in.Name), in,
		[]addKeys[*CreateSAMLProviderInput]{tagging(func(in *CreateSAMLProviderInput) []Tag { return in.Tags })})
}

func createSAMLProvider(c *operation.Call, in *CreateSAMLProviderInput) (*CreateSAMLProviderOutput, error) {
	p := identity.NewSAMLProvider(c.Partition, c.Account(), in.Name)
	switch _, err := c.Tx.Resource(p.ARN); {
	case err == nil:
		return nil, errEntityAlreadyExists("SAML Provider with name %s already exists.", in.Name)
	case !isNotFound(err):
		return nil, err
	}
	if n, err := count(c, identity.SAMLProviderKind, maxSAMLProviders); err != nil || n >= maxSAMLProviders {
		return nil, firstError(err, exceeds("SAMLProvidersPerAccount", maxSAMLProviders))
	}
	p.CreatedAt, p.Encryption = c.Now, string(AssertionEncryptionModeTypeAllowed)
	if err := setMetadata(&p, in.SAMLMetadataDocument); err != nil {
		return nil, err
	}
	if err := setEncryption(c, &p, in.AssertionEncryptionMode, in.AddPrivateKey, nil); err != nil {
		return nil, err
	}
	if err := identity.PutSAMLProvider(c.Tx, p, c.Now); err != nil {
		return nil, err
	}
	return &CreateSAMLProviderOutput{SAMLProviderARN: &p.ARN, Tags: in.Tags}, setTags(c, p.ARN, in.Tags)
}

// setMetadata makes a document the provider's metadata.
func setMetadata(p *identity.SAMLProvider, document string) error {
	m, err := federation.ParseMetadata(document)
	if err != nil {
		return errInvalidInput("Could not parse metadata")
	}
	p.Metadata, p.ValidUntil = document, m.ValidUntil
	if p.ValidUntil.IsZero() {
		p.ValidUntil = p.CreatedAt.AddDate(defaultValidity, 0, 0)
	}
	return nil
}

// setEncryption changes the keys with which assertions are decrypted, and whether they
// have to be encrypted.
func setEncryption(c *operation.Call, p *identity.SAMLProvider, mode *AssertionEncryptionModeType, add, remove *string) error {
	if mode != nil {
		p.Encryption = string(*mode)
	}
	if remove != nil {
		i := slices.IndexFunc(p.Keys, func(k identity.SAMLKey) bool { return k.ID == *remove })
		if i < 0 {
			return errNoSuchEntity("Private key %s not found.", *remove)
		}
		p.Keys = slices.Delete(p.Keys, i, i+1)
	}
	if add != nil {
		key, err := parsePrivateKey(*add)
		if _, isRSA := key.(*rsa.PrivateKey); err != nil || !isRSA {
			return errInvalidInput("The private key is not an RSA key in PEM format.")
		}
		if len(p.Keys) >= maxSAMLKeys {
			return exceeds("PrivateKeysPerSAMLProvider", maxSAMLKeys)
		}
		k := identity.SAMLKey{ID: identity.NewID("", 26), AddedAt: c.Now}
		k.Sealed = c.Directory.Sealer.Seal([]byte(*add), "private key "+k.ID)
		p.Keys = append(p.Keys, k)
	}
	if p.Encryption == string(AssertionEncryptionModeTypeRequired) && len(p.Keys) == 0 {
		return errInvalidInput("A private key is needed where the encryption of assertions is required.")
	}
	return nil
}

func findSAMLProvider(c *operation.Call, arn string) (identity.SAMLProvider, error) {
	p, err := identity.ReadSAMLProvider(c.Tx, arn)
	if isNotFound(err) || err == nil && p.Account != c.Account() {
		err = errNoSuchEntity("Manifest not found for arn %s", arn)
	}
	return p, err
}

func getSAMLProvider(c *operation.Call, in *GetSAMLProviderInput) (*GetSAMLProviderOutput, error) {
	p, err := findSAMLProvider(c, in.SAMLProviderARN)
	if err != nil {
		return nil, err
	}
	keys := []SAMLPrivateKey{}
	for _, k := range p.Keys {
		keys = append(keys, SAMLPrivateKey{KeyID: &k.ID, Timestamp: new(seconds(k.AddedAt))})
	}
	tags, err := allTags(c, p.ARN)
	return &GetSAMLProviderOutput{
		SAMLMetadataDocument: &p.Metadata, CreateDate: new(seconds(p.CreatedAt)), ValidUntil: new(seconds(p.ValidUntil)), Tags: tags,
		SAMLProviderUUID: new(p.UUID()), AssertionEncryptionMode: new(AssertionEncryptionModeType(p.Encryption)), PrivateKeyList: keys,
	}, err
}

func listSAMLProviders(c *operation.Call, _ *ListSAMLProvidersInput) (*ListSAMLProvidersOutput, error) {
	out := &ListSAMLProvidersOutput{SAMLProviderList: []SAMLProviderListEntry{}}
	for r, err := range c.Tx.Resources(entities(c, identity.SAMLProviderKind, "/", "", 0)) {
		if err != nil {
			return nil, err
		}
		p, err := decoded(r, same[identity.SAMLProvider])
		if err != nil {
			return nil, err
		}
		out.SAMLProviderList = append(out.SAMLProviderList, SAMLProviderListEntry{
			ARN: &p.ARN, CreateDate: new(seconds(p.CreatedAt)), ValidUntil: new(seconds(p.ValidUntil)),
		})
	}
	return out, nil
}

func updateSAMLProvider(c *operation.Call, in *UpdateSAMLProviderInput) (*UpdateSAMLProviderOutput, error) {
	p, err := findSAMLProvider(c, in.SAMLProviderARN)
	if err != nil {
		return nil, err
	}
	if in.SAMLMetadataDocument != nil {
		if err := setMetadata(&p, *in.SAMLMetadataDocument); err != nil {
			return nil, err
		}
	}
	if err := setEncryption(c, &p, in.AssertionEncryptionMode, in.AddPrivateKey, in.RemovePrivateKey); err != nil {
		return nil, err
	}
	return &UpdateSAMLProviderOutput{SAMLProviderARN: &p.ARN}, identity.PutSAMLProvider(c.Tx, p, c.Now)
}

func deleteSAMLProvider(c *operation.Call, in *DeleteSAMLProviderInput) (*DeleteSAMLProviderOutput, error) {
	p, err := findSAMLProvider(c, in.SAMLProviderARN)
	if err != nil {
		return nil, err
	}
	return &DeleteSAMLProviderOutput{}, c.Tx.DeleteResource(p.ARN)
}
