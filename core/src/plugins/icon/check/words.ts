/** Titles have at most so many words. */
export const mostWords = 7;

/** What is wrong with the form of a title; undefined when nothing is. */
export function titleFault(title: string): string | undefined {
  if (title.trim() !== title) return "it begins or ends with a space";
  if (title.endsWith(".")) return "it ends with a full stop";
  if (title.split(/\s+/).length > mostWords) return `it has more than ${mostWords} words`;
  return /^\p{Ll}/u.test(title) ? "it begins with a small letter" : undefined;
}

/** Most characters of a description. */
const mostDescription = 500;

/** What is wrong with the form of a description; undefined when nothing is. */
export function descriptionFault(text: string): string | undefined {
  if (text.length > mostDescription) return `it has more than ${mostDescription} characters`;
  if (text.trim() !== text) return "it begins or ends with a space";
  if (/[^.]\.$/.test(text) && !/\be\.g\.|\betc\.$/.test(text)) return "it ends with a full stop";
  return /^\p{Ll}/u.test(text) ? "it begins with a small letter" : undefined;
}

/** Abbreviations that are written in capitals. None that is a word of its own, such as REST. */
const acronyms = new Set(
  `ACL API ARN ASCII ASN AWS BCC BIOS CC CEF CIDR CLI CNAME CPU CSV CVE CVSS DHCP DMARC DNS EDR EML FQDN FTP GUID GMT HTML HTTP HTTPS IAM IBM
  ICMP IMAP IOC IP ISO ISP JPEG JQL JSON JWT KMS LAN LDAP MAC MD5 MFA MIME MSI NTLM PCAP PDF PEM PHP PID PKI PNG RBAC RFC RPC RSA
  RSS SAML SDK SHA SHA1 SHA256 SHA512 SIEM SLA SMB SMS SMTP SNMP SNS SPF SQL SQS SSH SSID SSL STIX TCP TLD TLP TLS TSV TTL TTP UDP UI UID URI
  URL UTC UUID VPC VPN VM WAF WHOIS XML ZIP`.split(/\s+/),
);

/** Words of a text that are abbreviations, but not in capitals. */
export const smallAcronyms = (text: string): string[] =>
  text.split(/\s+/).filter((word) => word !== word.toUpperCase() && acronyms.has(word.toUpperCase()));

/** Snake case: words of a-z and 0-9 joined by single underscores, a letter or digit first. */
export const isSnakeCase = (name: string): boolean => /^[a-z0-9]+(?:_[a-z0-9]+)*$/.test(name);

/** A name in the form it should have. */
export const snakeCase = (name: string): string =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "")
    .toLowerCase();
