/**
 * TLS of the channel: a shared key and no certificate, with a fresh exchange (ECDHE) for each connection so that a key
 * that leaks later opens no recorded one. Node takes pre-shared keys in TLS 1.2 only.
 */
export const CHANNEL_TLS = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
  ciphers: 'ECDHE-PSK-CHACHA20-POLY1305:ECDHE-PSK-AES256-CBC-SHA384',
} as const;
/** First two bytes of a ClientHello. */
export const TLS_HANDSHAKE = [0x16, 0x03] as const;
