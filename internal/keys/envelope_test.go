package keys

import (
	"bytes"
	"maps"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/writdev/writ/internal/awserr"
)

var (
	here = Scope{"aws", "us-east-1", "111122223333"}
	born = time.Date(2026, time.November, 22, 8, 0, 0, 0, time.UTC)
)

const id = "1234abcd-12ab-34cd-56ef-1234567890ab"

func newKey(t testing.TB) (*Sealer, *Key) {
	t.Helper()
	sealer, err := NewSealer()
	if err != nil {
		t.Fatal(err)
	}
	return sealer, made(t, sealer, id)
}

// made is a symmetric key.
func made(t testing.TB, sealer *Sealer, id string) *Key {
	t.Helper()
	return madeOf(t, sealer, Symmetric, id)
}

func madeOf(t testing.TB, sealer *Sealer, kind Kind, id string) *Key {
	t.Helper()
	secret, err := NewSecret(kind)
	if err != nil {
		t.Fatal(err)
	}
	k, err := New(sealer, here, kind, id, secret, born)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func under(context map[string]string) Use   { return Use{"Encrypt", SymmetricDefault, context} }
func opening(context map[string]string) Use { return Use{"Decrypt", SymmetricDefault, context} }

// isRefused reports whether err is the InvalidCiphertextException, which gives no reason.
func isRefused(err error) bool {
	e, ok := err.(*awserr.Error)
	return ok && e.Code == "InvalidCiphertextException" && e.Message == ""
}

// TestEncryptDecrypt checks that a blob decrypts with the same key and context, and not
// if anything differs.
func TestEncryptDecrypt(t *testing.T) {
	sealer, k := newKey(t)
	stranger := made(t, sealer, "ffffabcd-12ab-34cd-56ef-1234567890ab")
	double := made(t, sealer, id) // the same id with another seed
	contexts := rapid.MapOfN(rapid.StringN(0, 4, -1), rapid.StringN(0, 4, -1), 0, 3)
	rapid.Check(t, func(t *rapid.T) {
		plaintext := rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "plaintext")
		context := contexts.Draw(t, "context")
		blob, material, err := k.Encrypt(sealer, born, under(context), plaintext)
		if err != nil {
			t.Fatal(err)
		}
		got, opener, err := k.Decrypt(sealer, born, opening(maps.Clone(context)), blob)
		if err != nil || !bytes.Equal(got, plaintext) || opener != material {
			t.Fatalf("decrypt: %x, %v; want %x", got, err, plaintext)
		}
		refused := func(what string, k *Key, context map[string]string, blob []byte) {
			if got, _, err := k.Decrypt(sealer, born, opening(context), blob); !isRefused(err) {
				t.Fatalf("%s: %x, %v", what, got, err)
			}
		}
		changed := bytes.Clone(blob)
		changed[rapid.IntRange(0, len(blob)-1).Draw(t, "place")] ^= byte(rapid.IntRange(1, 255).Draw(t, "flip"))
		refused("a changed byte", k, context, changed)
		refused("a shorter blob", k, context, blob[:rapid.IntRange(0, len(blob)-1).Draw(t, "length")])
		refused("a longer blob", k, context, append(bytes.Clone(blob), rapid.Byte().Draw(t, "more")))
		refused("another key", stranger, context, blob)
		refused("a key of the same name", double, context, blob)
		if other := contexts.Draw(t, "other context"); !maps.Equal(context, other) {
			refused("another context", k, other, blob)
		}
		if len(context) > 0 {
			refused("no context", k, nil, blob)
		}
	})
}

// TestContextIsUnambiguous compares contexts whose concatenated pairs would be equal.
func TestContextIsUnambiguous(t *testing.T) {
	texts := map[string]int{}
	for i, context := range []map[string]string{
		nil, {"": ""}, {"a": "b"}, {"ab": ""}, {"": "ab"}, {"a": "", "b": ""}, {"a": "b", "c": "d"}, {"a": "bcd"}, {"a": "b\x01c\x01d"},
		{"a": "\x01b", "c": ""}, {"A": "b"},
	} {
		text := string(additionalData(nil, context))
		if j, taken := texts[text]; taken {
			t.Errorf("contexts %d and %d are the same: %q", i, j, text)
		}
		texts[text] = i
	}
}

// TestSecretsStaySealed searches the stored key for the seed and the backing key, and the
// blob for the plaintext.
func TestSecretsStaySealed(t *testing.T) {
	sealer, k := newKey(t)
	if len(k.Seed) <= keySize {
		t.Error("the seed is not sealed")
	}
	moved := *k
	moved.ID = "ffffabcd-12ab-34cd-56ef-1234567890ab"
	if _, err := moved.derived(sealer, 0); err == nil {
		t.Error("the seed of one key opens for another")
	}
	blob, _, err := k.Encrypt(sealer, born, under(nil), []byte("correct horse"))
	if err != nil || bytes.Contains(blob, []byte("horse")) {
		t.Errorf("the blob shows its text (%v)", err)
	}
	again, _, err := k.Encrypt(sealer, born, under(nil), []byte("correct horse"))
	if err != nil || bytes.Equal(blob, again) {
		t.Errorf("two blobs of one text are the same (%v)", err)
	}
	if arn, err := BlobKey(blob); err != nil || arn != k.ARN() {
		t.Errorf("the blob names %s, %v", arn, err)
	}
}

// TestRotations follows a key through the years.
func TestRotations(t *testing.T) {
	sealer, k := newKey(t)
	day := func(n int) time.Time { return born.AddDate(0, 0, n) }
	first, _, err := k.Encrypt(sealer, born, under(nil), []byte("first"))
	if err != nil {
		t.Fatal(err)
	}
	k.SetRotation(100, born)
	for _, test := range []struct{ day, rotations, next int }{{0, 0, 100}, {99, 0, 100}, {100, 1, 200}, {199, 1, 200}, {200, 2, 300}, {350, 3, 400}} {
		if got := len(k.Rotations(day(test.day))); got != test.rotations {
			t.Errorf("day %d: %d rotations, want %d", test.day, got, test.rotations)
		}
		if got := k.NextRotation(day(test.day)); !got.Equal(day(test.next)) {
			t.Errorf("day %d: next %v, want day %d", test.day, got, test.next)
		}
	}
	second, _, err := k.Encrypt(sealer, day(350), under(nil), []byte("second"))
	if err != nil {
		t.Fatal(err)
	}
	k.Rotate(day(350))
	if got := k.NextRotation(day(350)); !got.Equal(day(400)) {
		t.Errorf("a rotation on demand moved the next to %v", got)
	}
	if got := len(k.Rotations(day(400))); got != 5 {
		t.Errorf("%d rotations, want 5", got)
	}
	k.SetRotation(0, day(420))
	if got := len(k.Rotations(day(4000))); got != 5 || !k.NextRotation(day(4000)).IsZero() {
		t.Errorf("%d rotations after the end of rotation, want 5", got)
	}
	ids := map[string]bool{}
	for generation := range 6 {
		id, err := k.MaterialID(sealer, generation)
		if err != nil || len(id) != 64 || ids[id] {
			t.Errorf("backing key %d: %s, %v", generation, id, err)
		}
		ids[id] = true
	}
	for want, blob := range map[string][]byte{"first": first, "second": second} {
		if got, _, err := k.Decrypt(sealer, day(4000), opening(nil), blob); err != nil || string(got) != want {
			t.Errorf("the %s text: %q, %v", want, got, err)
		}
	}
	// The next backing key does not exist yet.
	tomorrow := made(t, sealer, id)
	tomorrow.SetRotation(100, born)
	late, _, err := tomorrow.Encrypt(sealer, day(100), under(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := tomorrow.Decrypt(sealer, day(99), opening(nil), late); !isRefused(err) {
		t.Errorf("before its time: %v", err)
	}
}

// TestGrantConstraints has a case for each way in which constraints match or not.
func TestGrantConstraints(t *testing.T) {
	red, both := map[string]string{"team": "red"}, map[string]string{"team": "red", "stage": "test"}
	free, equal, subset := Grant{}, Grant{Equals: red}, Grant{Subset: red}
	for _, test := range []struct {
		name      string
		grant     Grant
		operation string
		context   map[string]string
		want      bool
	}{
		{"free", free, "Decrypt", nil, true},
		{"an operation it lacks", free, "Encrypt", nil, false},
		{"equal", equal, "Decrypt", red, true},
		{"equal, more", equal, "Decrypt", both, false},
		{"equal, none", equal, "Decrypt", nil, false},
		{"equal, in another case", equal, "Decrypt", map[string]string{"Team": "red"}, true},
		{"equal, the value in another case", equal, "Decrypt", map[string]string{"team": "Red"}, false},
		{"subset, in another case", subset, "Decrypt", map[string]string{"TEAM": "red", "x": "y"}, true},
		{"subset", subset, "Decrypt", red, true},
		{"subset, more", subset, "Decrypt", both, true},
		{"subset, another value", subset, "Decrypt", map[string]string{"team": "blue"}, false},
		{"subset, none", subset, "Decrypt", nil, false},
		{"no context to constrain", equal, "DescribeKey", nil, true},
	} {
		test.grant.Operations = []string{"Decrypt", "DescribeKey"}
		if got := test.grant.Allows(test.operation, test.context); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
	for _, test := range []struct {
		name        string
		grant, made Grant
		want        bool
	}{
		{"free of free", free, free, true},
		{"equal of free", free, equal, true},
		{"free of equal", equal, free, false},
		{"subset of equal", equal, subset, false},
		{"equal of equal", equal, equal, true},
		{"equal of subset", subset, Grant{Equals: both}, true},
		{"narrower subset", subset, Grant{Subset: both}, true},
		{"wider subset", Grant{Subset: both}, subset, false},
		{"another operation", free, Grant{Operations: []string{"Encrypt"}}, false},
	} {
		test.grant.Operations = []string{"Decrypt"}
		if got := test.grant.Covers(&test.made); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

func TestGrantToken(t *testing.T) {
	g := Grant{ID: "g", Key: here.Key(id)}
	if key, grant, ok := ParseToken(g.Token()); !ok || key != g.Key || grant != g.ID {
		t.Errorf("%s, %s, %v", key, grant, ok)
	}
	for _, text := range []string{"", "?", strings.Repeat("A", 8)} {
		if _, _, ok := ParseToken(text); ok {
			t.Errorf("%q is a token", text)
		}
	}
}
