#pragma once

#include <stddef.h>
#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

// Searches 16 bytes at a time. This is C because Swift's SIMD types cannot return the positions of matching bytes.

// Returns a mask with one bit for each of the 16 bytes at `bytes`, the first byte in the lowest bit. A bit is set if
// the byte needs a separate check inside a JSON string: a quote, a backslash, a control character or a non-ASCII byte.
static inline uint32_t bytes_json_string_stops(const uint8_t *bytes) {
#ifdef __SSE2__
  __m128i block = _mm_loadu_si128((const __m128i *)bytes);
  // As signed bytes, non-ASCII bytes are negative and therefore also less than 0x20.
  __m128i outside = _mm_cmplt_epi8(block, _mm_set1_epi8(0x20));
  __m128i quotes = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
  __m128i backslashes = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
  return (uint32_t)_mm_movemask_epi8(_mm_or_si128(outside, _mm_or_si128(quotes, backslashes)));
#else
  uint32_t stops = 0;
  for (int index = 0; index < 16; index++) {
    uint8_t byte = bytes[index];
    stops |= (uint32_t)(byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\') << index;
  }
  return stops;
#endif
}

// Returns a mask with one bit for each of the `count` bytes at `bytes`, the first byte in the lowest bit. A bit is set
// if the byte equals `byte`. `count` is at most 64.
static inline uint64_t bytes_equal(const uint8_t *bytes, size_t count, uint8_t byte) {
  uint64_t equal = 0;
  size_t index = 0;
#ifdef __SSE2__
  __m128i needle = _mm_set1_epi8((char)byte);
  while (count >= 16 && index < count) {
    // The last block may overlap the one before. That is harmless: the shared bytes set the same bits again.
    if (index + 16 > count) index = count - 16;
    __m128i block = _mm_loadu_si128((const __m128i *)(bytes + index));
    equal |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, needle)) << index;
    index += 16;
  }
#endif
  for (; index < count; index++) equal |= (uint64_t)(bytes[index] == byte) << index;
  return equal;
}
