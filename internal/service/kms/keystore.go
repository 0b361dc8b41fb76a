package kms

import (
	"maps"
	"slices"
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/internal/operation"
)

// Custom key stores are records: Writ connects to no CloudHSM cluster and no external key store proxy, so
// none is ever connected, and no key can be created in one. Passwords and proxy credentials are not stored.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-store-overview.html

// onKeyStores returns the target of the operations on custom key stores, which have no ARNs.
func onKeyStores[In any](c *operation.Call, _ In) (authz.Target, error) {
	return authz.Target{ARN: "*", Keys: map[string][]string{"kms:CallerAccount": {c.Account()}}}, nil
}

// findStore returns a custom key store, or a CustomKeyStoreNotFoundException if there is none.
func findStore(c *operation.Call, id string) (*keys.Store, error) {
	stores, err := keys.Stores(c.Tx, c.Scope())
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(stores, func(s *keys.Store) bool { return s.ID == id })
	if i < 0 {
		return nil, errCustomKeyStoreNotFound("The custom key store %s does not exist.", id)
	}
	return stores[i], nil
}

// checkConnected returns the error why a custom key store cannot be used: it does not exist, or is not
// connected.
func checkConnected(c *operation.Call, id string) error {
	if _, err := findStore(c, id); err != nil {
		return err
	}
	return errCustomKeyStoreInvalidState("The custom key store %s is not connected: Writ does not connect custom key stores.", id)
}

// checkStore returns an error for a new key in a custom key store.
func checkStore(c *operation.Call, in *CreateKeyInput) error {
	origin := valueOr(in.Origin, OriginTypeAwsKms)
	inStore := origin == OriginTypeAwsCloudhsm || origin == OriginTypeExternalKeyStore
	switch {
	case inStore && in.CustomKeyStoreID == nil:
		return notValid("A key with the origin %s requires a CustomKeyStoreId.", origin)
	case !inStore && in.CustomKeyStoreID != nil:
		return notValid("A key with the origin %s has no CustomKeyStoreId.", origin)
	case origin == OriginTypeExternalKeyStore && in.XksKeyID == nil:
		return notValid("A key with the origin EXTERNAL_KEY_STORE requires an XksKeyId.")
	case origin != OriginTypeExternalKeyStore && in.XksKeyID != nil:
		return notValid("A key with the origin %s has no XksKeyId.", origin)
	case inStore && (isTrue(in.MultiRegion) || !kindOf(in).IsSymmetric()):
		return errUnsupportedOperation("A custom key store supports only single-Region symmetric encryption keys.")
	case inStore:
		return checkConnected(c, *in.CustomKeyStoreID)
	}
	return nil
}

func (s *kms) createCustomKeyStore(c *operation.Call, in *CreateCustomKeyStoreInput) (*CreateCustomKeyStoreOutput, error) {
	made := &keys.Store{
		Scope: c.Scope(), ID: "cks-" + strings.ReplaceAll(c.NewID(), "-", "")[:17], Name: in.CustomKeyStoreName,
		Type: string(valueOr(in.CustomKeyStoreType, CustomKeyStoreTypeAwsCloudhsm)), CreatedAt: c.Now,
		Cluster: valueOr(in.CloudHsmClusterID, ""), TrustAnchor: valueOr(in.TrustAnchorCertificate, ""),
		Endpoint: valueOr(in.XksProxyURIEndpoint, ""), Path: valueOr(in.XksProxyURIPath, ""), Connectivity: string(valueOr(in.XksProxyConnectivity, "")),
		VPCService: valueOr(in.XksProxyVpcEndpointServiceName, ""), VPCServiceOwner: valueOr(in.XksProxyVpcEndpointServiceOwner, ""),
	}
	if in.XksProxyAuthenticationCredential != nil {
		made.AccessKeyID = in.XksProxyAuthenticationCredential.AccessKeyID
	}
	if err := checkMembers(made, in.KeyStorePassword != nil); err != nil {
		return nil, err
	}
	if err := checkUnique(c, made); err != nil {
		return nil, err
	}
	return &CreateCustomKeyStoreOutput{CustomKeyStoreID: &made.ID}, made.Write(c.Tx, c.Now)
}

// checkMembers returns an error for a store without the members that its type requires, or
// with those of the other type.
func checkMembers(k *keys.Store, password bool) error {
	ofCluster := map[string]bool{
		"CloudHsmClusterId": k.Cluster != "", "TrustAnchorCertificate": k.TrustAnchor != "", "KeyStorePassword": password,
	}
	ofProxy := map[string]bool{
		"XksProxyUriEndpoint": k.Endpoint != "", "XksProxyUriPath": k.Path != "", "XksProxyConnectivity": k.Connectivity != "",
		"XksProxyAuthenticationCredential": k.AccessKeyID != "",
	}
	needed, strange := ofCluster, ofProxy
	if k.Type == string(CustomKeyStoreTypeExternalKeyStore) {
		needed, strange = ofProxy, ofCluster
		ofProxy["XksProxyVpcEndpointServiceName"] = k.VPCService != "" || k.Connectivity != string(XksProxyConnectivityTypeVpcEndpointService)
	}
	for _, name := range slices.Sorted(maps.Keys(needed)) {
		if !needed[name] {
			return notValid("A custom key store of the type %s requires %s.", k.Type, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(strange)) {
		if strange[name] {
			return notValid("A custom key store of the type %s has no %s.", k.Type, name)
		}
	}
	return nil
}

// checkUnique returns an error if another store has the same name, cluster or proxy
// address.
func checkUnique(c *operation.Call, made *keys.Store) error {
	stores, err := keys.Stores(c.Tx, c.Scope())
	if err != nil {
		return err
	}
	for _, other := range stores {
		switch {
		case other.ID == made.ID:
		case other.Name == made.Name:
			return errCustomKeyStoreNameInUse("The name %s is already used by another custom key store.", made.Name)
		case made.Cluster != "" && other.Cluster == made.Cluster:
			return errCloudHsmClusterInUse("The cluster %s is associated with another custom key store.", made.Cluster)
		case made.Endpoint != "" && other.Endpoint == made.Endpoint && other.Path == made.Path:
			return errXksProxyURIInUse("The proxy %s%s is already used by another custom key store.", made.Endpoint, made.Path)
		case made.VPCService != "" && other.VPCService == made.VPCService:
			return errXksProxyVpcEndpointServiceInUse("The endpoint service %s is already used by another custom key store.", made.VPCService)
		}
	}
	return nil
}

func (s *kms) describeCustomKeyStores(c *operation.Call, in *DescribeCustomKeyStoresInput) (*DescribeCustomKeyStoresOutput, error) {
	if in.CustomKeyStoreID != nil && in.CustomKeyStoreName != nil {
		return nil, notValid("Specify either CustomKeyStoreId or CustomKeyStoreName, or neither of them.")
	}
	stores, err := keys.Stores(c.Tx, c.Scope())
	if err != nil {
		return nil, err
	}
	stores = slices.DeleteFunc(stores, func(k *keys.Store) bool {
		return valueOr(in.CustomKeyStoreID, k.ID) != k.ID || valueOr(in.CustomKeyStoreName, k.Name) != k.Name
	})
	if len(stores) == 0 && (in.CustomKeyStoreID != nil || in.CustomKeyStoreName != nil) {
		return nil, errCustomKeyStoreNotFound("The custom key store %s does not exist.", valueOr(in.CustomKeyStoreID, valueOr(in.CustomKeyStoreName, "")))
	}
	p, err := page(apiDescribeCustomKeyStores.Name, longPages, in.Limit, in.Marker, stores, func(k *keys.Store) string { return k.ID })
	out := &DescribeCustomKeyStoresOutput{CustomKeyStores: []CustomKeyStoresListEntry{}, NextMarker: p.Next, Truncated: new(p.Next != nil)}
	for _, k := range p.Items {
		out.CustomKeyStores = append(out.CustomKeyStores, describeStore(k))
	}
	return out, err
}

func describeStore(k *keys.Store) CustomKeyStoresListEntry {
	entry := CustomKeyStoresListEntry{
		CustomKeyStoreID: &k.ID, CustomKeyStoreName: &k.Name, CustomKeyStoreType: new(CustomKeyStoreType(k.Type)), CreationDate: timestamp(k.CreatedAt),
		ConnectionState: new(ConnectionStateTypeDisconnected), CloudHsmClusterID: optional(k.Cluster), TrustAnchorCertificate: optional(k.TrustAnchor),
	}
	if k.Endpoint != "" {
		entry.XksProxyConfiguration = &XksProxyConfigurationType{
			Connectivity: new(XksProxyConnectivityType(k.Connectivity)), AccessKeyID: &k.AccessKeyID, URIEndpoint: &k.Endpoint, URIPath: &k.Path,
			VpcEndpointServiceName: optional(k.VPCService), VpcEndpointServiceOwner: optional(k.VPCServiceOwner),
		}
	}
	return entry
}

func (s *kms) updateCustomKeyStore(c *operation.Call, in *UpdateCustomKeyStoreInput) (*UpdateCustomKeyStoreOutput, error) {
	k, err := findStore(c, in.CustomKeyStoreID)
	if err != nil {
		return nil, err
	}
	if in.CloudHsmClusterID != nil && k.Cluster != "" && *in.CloudHsmClusterID != k.Cluster {
		return nil, errCloudHsmClusterNotRelated("The cluster %s is not related to the cluster %s of the custom key store.", *in.CloudHsmClusterID, k.Cluster)
	}
	k.Name, k.Cluster = valueOr(in.NewCustomKeyStoreName, k.Name), valueOr(in.CloudHsmClusterID, k.Cluster)
	k.Endpoint, k.Path = valueOr(in.XksProxyURIEndpoint, k.Endpoint), valueOr(in.XksProxyURIPath, k.Path)
	k.VPCService = valueOr(in.XksProxyVpcEndpointServiceName, k.VPCService)
	k.VPCServiceOwner = valueOr(in.XksProxyVpcEndpointServiceOwner, k.VPCServiceOwner)
	k.Connectivity = string(valueOr(in.XksProxyConnectivity, XksProxyConnectivityType(k.Connectivity)))
	if in.XksProxyAuthenticationCredential != nil {
		k.AccessKeyID = in.XksProxyAuthenticationCredential.AccessKeyID
	}
	if err := checkMembers(k, k.Type == string(CustomKeyStoreTypeAwsCloudhsm) || in.KeyStorePassword != nil); err != nil {
		return nil, err
	}
	if err := checkUnique(c, k); err != nil {
		return nil, err
	}
	return &UpdateCustomKeyStoreOutput{}, k.Write(c.Tx, c.Now)
}

func (s *kms) deleteCustomKeyStore(c *operation.Call, in *DeleteCustomKeyStoreInput) (*DeleteCustomKeyStoreOutput, error) {
	k, err := findStore(c, in.CustomKeyStoreID)
	if err != nil {
		return nil, err
	}
	return &DeleteCustomKeyStoreOutput{}, c.Tx.DeleteResource(k.ARN())
}

// connectCustomKeyStore returns, for an existing store, the error that its cluster or proxy is not reachable.
func (s *kms) connectCustomKeyStore(c *operation.Call, in *ConnectCustomKeyStoreInput) (*ConnectCustomKeyStoreOutput, error) {
	k, err := findStore(c, in.CustomKeyStoreID)
	switch {
	case err != nil:
		return nil, err
	case k.Cluster != "":
		return nil, errCloudHsmClusterNotActive("Writ cannot reach CloudHSM clusters, so %s stays disconnected.", k.ID)
	}
	return nil, errUnsupportedOperation("Writ cannot reach external key store proxies, so %s stays disconnected.", k.ID)
}

func (s *kms) disconnectCustomKeyStore(c *operation.Call, in *DisconnectCustomKeyStoreInput) (*DisconnectCustomKeyStoreOutput, error) {
	k, err := findStore(c, in.CustomKeyStoreID)
	if err != nil {
		return nil, err
	}
	return nil, errCustomKeyStoreInvalidState("The custom key store %s is disconnected.", k.ID)
}
