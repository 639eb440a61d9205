package store

import (
	"errors"
	"fmt"

	badger "github.com/dgraph-io/badger/v4"
	"github.com/fxamacker/cbor/v2"
)

// valueFormat is the first byte of every value: 1 = CBOR with integer keys follows.
const valueFormat byte = 1

func encode(v any) ([]byte, error) {
	b, err := cbor.Marshal(v)
	if err != nil {
		return nil, err
	}
	return append([]byte{valueFormat}, b...), nil
}

func decode(b []byte, v any) error {
	if len(b) == 0 {
		return errors.New("value is empty")
	}
	if b[0] != valueFormat {
		return fmt.Errorf("value format %d, known is %d", b[0], valueFormat)
	}
	return cbor.Unmarshal(b[1:], v)
}

// get decodes the value of key into v. An absent key leaves v alone and found is false.
func get(txn *badger.Txn, key []byte, v any) (found bool, err error) {
	item, err := txn.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return false, nil
	}
	if err == nil {
		err = item.Value(func(b []byte) error { return decode(b, v) })
	}
	if err != nil {
		return false, fmt.Errorf("read %q: %w", key, err)
	}
	return true, nil
}

// each calls fn for every item under prefix from the key first on, in key order.
func each(txn *badger.Txn, prefix string, first []byte, fn func(*badger.Item) error) error {
	opt := badger.DefaultIteratorOptions
	opt.Prefix = []byte(prefix)
	opt.PrefetchValues = false
	it := txn.NewIterator(opt)
	defer it.Close()
	for it.Seek(first); it.Valid(); it.Next() {
		if err := fn(it.Item()); err != nil {
			return err
		}
	}
	return nil
}

// all decodes every value under prefix, in key order.
func all[T any](txn *badger.Txn, prefix string, fn func(key []byte, v T)) error {
	return each(txn, prefix, []byte(prefix), func(item *badger.Item) error {
		var v T
		err := item.Value(func(b []byte) error { return decode(b, &v) })
		if err != nil {
			return fmt.Errorf("read %q: %w", item.Key(), err)
		}
		fn(item.Key(), v)
		return nil
	})
}

// batch writes into one transaction and keeps the first error.
type batch struct {
	txn *badger.Txn
	err error
}

func (b *batch) put(key []byte, v any) {
	if b.err != nil {
		return
	}
	value, err := encode(v)
	if err == nil {
		err = b.txn.Set(key, value)
	}
	if err != nil {
		b.err = fmt.Errorf("write %q: %w", key, err)
	}
}

func (b *batch) remove(key []byte) {
	if b.err == nil {
		b.err = b.txn.Delete(key)
	}
}
