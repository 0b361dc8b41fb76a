package trail

import "encoding/binary"

func packNumber[N ~int | ~int64 | ~uint8 | ~uint16 | ~uint32](p *packer, n *N) {
	if p.unpacking {
		v, size := binary.Varint(p.data)
		*n, p.data = N(v), p.data[size:]
		return
	}
	p.data = binary.AppendVarint(p.data, int64(*n))
}

func packBool(p *packer, b *bool) {
	var n uint8
	if *b {
		n = 1
	}
	packNumber(p, &n)
	*b = n == 1
}

func packText[T ~string](p *packer, s *T) {
	n := len(*s)
	packNumber(p, &n)
	if p.unpacking {
		*s, p.data = T(p.data[:n]), p.data[n:]
		return
	}
	p.data = append(p.data, *s...)
}

// packLength packs the length of a list or map; a nil one has length -1.
func packLength(p *packer, n int, isNil bool) int {
	if isNil {
		n = -1
	}
	packNumber(p, &n)
	return n
}

func packOptional[T any](p *packer, v **T, pack func(*packer, *T)) {
	if packLength(p, 1, *v == nil) < 0 {
		return
	}
	if p.unpacking {
		*v = new(T)
	}
	pack(p, *v)
}

func packList[T any](p *packer, list *[]T, pack func(*packer, *T)) {
	n := packLength(p, len(*list), *list == nil)
	if n < 0 {
		return
	}
	if p.unpacking {
		*list = make([]T, n)
	}
	for i := range *list {
		pack(p, &(*list)[i])
	}
}

func packMap[V any](p *packer, m *map[string]V, pack func(*packer, *V)) {
	n := packLength(p, len(*m), *m == nil)
	if n < 0 {
		return
	}
	if !p.unpacking {
		for key, value := range *m {
			packText(p, &key)
			pack(p, &value)
		}
		return
	}
	*m = make(map[string]V, n)
	for range n {
		var key string
		var value V
		packText(p, &key)
		pack(p, &value)
		(*m)[key] = value
	}
}
