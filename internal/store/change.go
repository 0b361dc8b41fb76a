package store

import "errors"

// Change is one write. A function that decides what to write returns a list of changes
// for Apply.
type Change interface{ apply(tx *Tx) error }

// The changes. Each does the same as the method of Tx with its name, except that deleting
// what does not exist is no error.
type (
	// PutResource creates or replaces a resource, and sets its references.
	PutResource struct {
		Resource
		References []string
	}
	DeleteResource struct{ ARN string }

	PutPolicy    struct{ Policy }
	DeletePolicy struct{ ARN, Source, Name string }

	PutAssociation     struct{ Association }
	DeleteAssociation  struct{ Share, Kind, Entity string }
	DeleteAssociations struct{ Share string }

	PutDiscovery      struct{ Discovery }
	DeleteDiscovery   struct{ Discovery }
	DeleteDiscoveries struct{ Share string }
)

// Apply applies changes in order.
func (tx *Tx) Apply(changes []Change) error {
	for _, c := range changes {
		if err := c.apply(tx); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return nil
}

func (c PutResource) apply(tx *Tx) error {
	return errors.Join(tx.PutResource(c.Resource), tx.SetReferences(c.ARN, c.References))
}

func (c DeleteResource) apply(tx *Tx) error { return tx.DeleteResource(c.ARN) }
func (c PutPolicy) apply(tx *Tx) error      { return tx.PutPolicy(c.Policy) }
func (c DeletePolicy) apply(tx *Tx) error   { return tx.DeletePolicy(c.ARN, c.Source, c.Name) }
func (c PutAssociation) apply(tx *Tx) error { return tx.PutAssociation(c.Association) }
func (c DeleteAssociation) apply(tx *Tx) error {
	return tx.DeleteAssociation(c.Share, c.Kind, c.Entity)
}
func (c DeleteAssociations) apply(tx *Tx) error { return tx.DeleteAssociations(c.Share) }
func (c PutDiscovery) apply(tx *Tx) error       { return tx.PutDiscovery(c.Discovery) }
func (c DeleteDiscovery) apply(tx *Tx) error    { return tx.DeleteDiscovery(c.Discovery) }
func (c DeleteDiscoveries) apply(tx *Tx) error  { return tx.DeleteDiscoveries(c.Share) }
