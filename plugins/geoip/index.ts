import { definePlugin } from "@vedette/sdk";
import { enrich } from "./enrich.ts";
import { settings } from "./settings.ts";

/** Where an address is and who announces it, from files on this machine, replaced while it runs. A provider is asked only where that is switched on. */
export const geoip = definePlugin({
  id: "geoip",
  name: "GeoIP",
  version: "1.0.0",
  description: "Adds country, city and autonomous system to IP addresses, from local databases.",
  apiVersion: 1,
  settings,
  locales: {
    en: {
      description: "Adds country, city and network to IP addresses, from files on this machine.",
      enabled: "Look up addresses",
      database: "Country or city database",
      asnDatabase: "Network (ASN) database",
      ...{
        online: "Ask a provider",
        onlineUrl: "Address of the provider",
        onlinePerMinute: "Requests a minute",
      },
      attribution: "ASN data: RouteViews, NRO and IP Geolocation by DB-IP (https://db-ip.com), CC BY 4.0.",
    },
    de: {
      description: "Ergänzt IP-Adressen um Land, Stadt und Netz, aus Dateien auf diesem Rechner.",
      enabled: "Adressen nachschlagen",
      database: "Länder- oder Städtedatenbank",
      asnDatabase: "Netzdatenbank (ASN)",
      ...{ online: "Einen Anbieter fragen", onlineUrl: "Adresse des Anbieters" },
      onlinePerMinute: "Anfragen je Minute",
      attribution: "ASN-Daten: RouteViews, NRO und IP Geolocation by DB-IP (https://db-ip.com), CC BY 4.0.",
    },
  },
  guarantees: "A country is a hint, never proof. Values that the producer of an event set are kept.",
  enrich,
});
