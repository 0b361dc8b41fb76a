package keys

import "time"

// Rotation is the automatic rotation of a key: every Days days, counted from Since;
// disabled if Days is 0.
type Rotation struct {
	Days  int
	Since time.Time
}

// Rotated is one rotation: from At on, a new backing key encrypts.
type Rotated struct {
	At       time.Time
	OnDemand bool
}

// Rotations are the rotations of the key until now, in order. Automatic rotations are not
// stored when they are due: they are computed from the times.
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

// NextRotation is when the next automatic rotation is due; zero if rotation is disabled.
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

// SetRotation enables automatic rotation every so many days from now on; 0 disables it.
// Past rotations are kept.
func (k *Key) SetRotation(days int, now time.Time) {
	k.Rotated = k.Rotations(now)
	k.Rotation = Rotation{Days: days, Since: now}
}

// Rotate rotates the key now, independently of its schedule.
func (k *Key) Rotate(now time.Time) {
	rotated, next := k.Rotations(now), k.NextRotation(now)
	if k.Rotation.Days > 0 {
		k.Rotation.Since = next.AddDate(0, 0, -k.Rotation.Days)
	}
	k.Rotated = append(rotated, Rotated{At: now, OnDemand: true})
}

// OnDemand is the number of on-demand rotations.
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
