package identity

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/big"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/writdev/writ/internal/store"
)

// Account is an AWS account that was created in Writ, by the operator or by an organization. Any other twelve
// digits are also a valid account: no operation requires this record.
type Account struct {
	ID    string // 12 digits
	Name  string
	Email string
}

// accountARN returns the ARN of an account in AWS Account Management.
func accountARN(id string) string { return "arn:aws:account::" + id + ":account" }

// AccountOf reads an account. An account that was not created gets its id as its name.
func AccountOf(tx *store.Tx, id string) (Account, error) {
	r, err := tx.Resource(accountARN(id))
	if errors.Is(err, store.ErrNotFound) {
		return Account{ID: id, Name: id, Email: id + "@example.com"}, nil
	}
	if err != nil {
		return Account{}, err
	}
	return readAccount(r)
}

func readAccount(r store.Resource) (Account, error) {
	var a Account
	if err := json.Unmarshal(r.Data, &a); err != nil {
		return Account{}, fmt.Errorf("read %s: %w", r.ARN, err)
	}
	return a, nil
}

// Accounts yields the created accounts, ordered by id.
func Accounts(tx *store.Tx) iter.Seq2[Account, error] {
	return func(yield func(Account, error) bool) {
		for r, err := range tx.Resources(store.Query{Service: "account", Type: "account"}) {
			var a Account
			if err == nil {
				a, err = readAccount(r)
			}
			if !yield(a, err) || err != nil {
				return
			}
		}
	}
}

// Errors of CreateAccount.
var (
	ErrAccountName  = errors.New("an account name has 1 to 50 characters")
	ErrAccountEmail = errors.New("another account has this e-mail address")
)

// CreateAccount creates an account with a random id. The default e-mail address is in the domain example.com.
func CreateAccount(tx *store.Tx, name, email string, now time.Time) (Account, error) {
	if n := utf8.RuneCountInString(name); n < 1 || n > 50 {
		return Account{}, ErrAccountName
	}
	for known, err := range Accounts(tx) {
		if err != nil {
			return Account{}, err
		}
		if email != "" && strings.EqualFold(known.Email, email) {
			return Account{}, ErrAccountEmail
		}
	}
	return AddAccount(tx, Account{ID: newAccountID(), Name: name, Email: email}, now)
}

// AddAccount records an account with a given id. The default e-mail address is in the domain example.com.
func AddAccount(tx *store.Tx, a Account, now time.Time) (Account, error) {
	if a.Email == "" {
		a.Email = a.ID + "@example.com"
	}
	data, err := json.Marshal(a)
	if err != nil {
		return Account{}, fmt.Errorf("add account %s: %w", a.ID, err)
	}
	return a, tx.InsertResource(store.Resource{
		ARN: accountARN(a.ID), Service: "account", Type: "account", Account: a.ID, Name: a.Name,
		Data: data, CreatedAt: now, UpdatedAt: now,
	})
}

// CreateAccount creates an account and an access key for its root user.
func (d *Directory) CreateAccount(tx *store.Tx, name, email string, now time.Time) (Account, AccessKey, error) {
	a, err := CreateAccount(tx, name, email, now)
	if err != nil {
		return Account{}, AccessKey{}, err
	}
	key, err := d.CreateAccessKey(tx, RootARN("aws", a.ID), a.ID, now)
	return a, key, err
}

// newAccountID returns twelve random digits, the first of which is not 0.
func newAccountID() string {
	n, err := rand.Int(rand.Reader, big.NewInt(900_000_000_000))
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return fmt.Sprint(n.Int64() + 100_000_000_000)
}
