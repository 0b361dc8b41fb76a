package sharing

import (
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// What follows from shares is kept, not computed when it is asked for: the
// documents on resources, which the gate reads with every request, and what can
// be discovered. Both are brought in step in the transaction that changes the
// share. Of a share that follows a policy neither is made.

// Refresh brings the policies of all resources of a share, and what can be
// discovered, in step with it.
func Refresh(c *operation.Call, s *Share) error {
	if err := c.Tx.DeleteDiscoveries(s.ARN); err != nil {
		return err
	}
	var all []Association
	for a, err := range Associations(c.Tx, AssociationQuery{Share: s.ARN}) {
		if err != nil {
			return err
		}
		all = append(all, a)
	}
	return inStep(c, s, all)
}

// inStep follows a change of some associations of a share, which may be gone.
func inStep(c *operation.Call, s *Share, changed []Association) error {
	if s.FeatureSet != Standard {
		return nil
	}
	w := newWriter(c)
	in, err := w.load(s)
	if err != nil {
		return err
	}
	resources, consumers := map[string]bool{}, map[string]bool{} // that changed
	everywhere := false                                          // the document of each resource changes
	for _, a := range changed {
		switch a.Type {
		case Resource:
			resources[a.Entity] = true
			continue
		case Principal:
			if consumer := consumerOf(a.Entity); consumer != "" {
				consumers[consumer] = true
			}
		}
		everywhere = true
	}
	if err := showResources(c, s, in, resources); err != nil {
		return err
	}
	if everywhere {
		if err := showConsumers(c, s, in, resources, consumers); err != nil {
			return err
		}
	}
	for arn := range resources {
		if err := w.write(arn); err != nil {
			return err
		}
	}
	return nil
}

// showResources makes resources that changed discoverable to all consumers of a
// share, or hides them from all.
func showResources(c *operation.Call, s *Share, in *grant, resources map[string]bool) error {
	for arn := range resources {
		typ, _ := TypeOf(arn)
		active := false
		for a, err := range Associations(c.Tx, AssociationQuery{Share: s.ARN, Type: Resource, Entity: arn}) {
			if err != nil {
				return err
			}
			active = a.Status == Associated
		}
		if !active {
			if err := c.Tx.DeleteDiscoveriesOf(s.ARN, arn); err != nil {
				return err
			}
			continue
		}
		for consumer := range in.consumers {
			if err := c.Tx.PutDiscovery(store.Discovery{Consumer: consumer, Region: s.Region, Type: typ.Name, ARN: arn, Share: s.ARN}); err != nil {
				return err
			}
		}
	}
	return nil
}

// showConsumers makes what else is in a share discoverable to consumers that
// changed, or hides it from them. It adds what that is to the resources.
func showConsumers(c *operation.Call, s *Share, in *grant, resources, consumers map[string]bool) error {
	for a, err := range Associations(c.Tx, AssociationQuery{Share: s.ARN, Type: Resource}) {
		if err != nil {
			return err
		}
		if a.Status != Associated || resources[a.Entity] {
			continue
		}
		resources[a.Entity] = true
		typ, _ := TypeOf(a.Entity)
		for consumer := range consumers {
			d := store.Discovery{Consumer: consumer, Region: s.Region, Type: typ.Name, ARN: a.Entity, Share: s.ARN}
			change := c.Tx.DeleteDiscovery
			if in.consumers[consumer] {
				change = c.Tx.PutDiscovery
			}
			if err := change(d); err != nil {
				return err
			}
		}
	}
	return nil
}
