package keys

import "time"

// Rotation is how a key is rotated by itself: every Days days, counted from
// Since; not at all if Days is 0.
type Rotation struct {
	Days  int
	Since time.Time
}

// Rotated is one rotation: from At on the key encrypts with a new backing key.
type Rotated struct {
	At       time.Time
	OnDemand bool
}

// Rotations are those of the key until now, in their order. Rotations that fell
// due are not stored when they do: they follow from the times.
func (k *Key) Rotations(now time.Time) []Rotated {
	list := k.Rotated[:len(k.Rotated):len(k.Rotated)]
	if k.Rotation.Days == 0 {
		return list
	}
	for at := k.Rotation.after(k.Rotation.Since); !at.After(now); at = k.Rotation.after(at) {
		list = append(list, Rotated{At: at})
	}
	return list
}

func (r Rotation) after(t time.Time) time.Time { return t.AddDate(0, 0, r.Days) }

// NextRotation is when the key will be rotated by itself; zero if never.
func (k *Key) NextRotation(now time.Time) time.Time {
	if k.Rotation.Days == 0 {
		return time.Time{}
	}
	at := k.Rotation.after(k.Rotation.Since)
	for !at.After(now) {
		at = k.Rotation.after(at)
	}
	return at
}

// SetRotation makes the key rotate every so many days from now on; 0 ends it.
// What fell due before stays.
func (k *Key) SetRotation(days int, now time.Time) {
	k.Rotated = k.Rotations(now)
	k.Rotation = Rotation{Days: days, Since: now}
}

// Rotate rotates the key now, beside its schedule.
func (k *Key) Rotate(now time.Time) {
	rotated, next := k.Rotations(now), k.NextRotation(now)
	if k.Rotation.Days > 0 {
		k.Rotation.Since = next.AddDate(0, 0, -k.Rotation.Days)
	}
	k.Rotated = append(rotated, Rotated{At: now, OnDemand: true})
}

// OnDemand is how often the key was rotated on demand.
func (k *Key) OnDemand() int {
	n := 0
	for _, m := range k.Imported {
		if !m.RotatedAt.IsZero() {
			n++
		}
	}
	for _, r := range k.Rotated {
		if r.OnDemand {
			n++
		}
	}
	return n
}
