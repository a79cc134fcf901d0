/**
 * Techniques of MITRE ATT&CK for enterprises and the tactics they serve: identifiers and names, which are facts. A line is a
 * technique: its number, its name, the letters of its tactics in `tactics.ts`.
 */
export const techniqueLines = `
T1001|Data Obfuscation|L
T1003|OS Credential Dumping|H
T1005|Data from Local System|K
T1006|Direct Volume Access|G
T1007|System Service Discovery|I
T1008|Fallback Channels|L
T1010|Application Window Discovery|I
T1011|Exfiltration Over Other Network Medium|M
T1012|Query Registry|I
T1014|Rootkit|G
T1016|System Network Configuration Discovery|I
T1018|Remote System Discovery|I
T1020|Automated Exfiltration|M
T1021|Remote Services|J
T1025|Data from Removable Media|K
T1027|Obfuscated Files or Information|G
T1029|Scheduled Transfer|M
T1030|Data Transfer Size Limits|M
T1033|System Owner/User Discovery|I
T1036|Masquerading|G
T1037|Boot or Logon Initialization Scripts|EF
T1039|Data from Network Shared Drive|K
T1040|Network Sniffing|HI
T1041|Exfiltration Over C2 Channel|M
T1046|Network Service Discovery|I
T1047|Windows Management Instrumentation|D
T1048|Exfiltration Over Alternative Protocol|M
T1049|System Network Connections Discovery|I
T1052|Exfiltration Over Physical Medium|M
T1053|Scheduled Task/Job|DEF
T1055|Process Injection|FG
T1056|Input Capture|HK
T1057|Process Discovery|I
T1059|Command and Scripting Interpreter|D
T1068|Exploitation for Privilege Escalation|F
T1069|Permission Groups Discovery|I
T1070|Indicator Removal|G
T1071|Application Layer Protocol|L
T1072|Software Deployment Tools|DJ
T1074|Data Staged|K
T1078|Valid Accounts|CEFG
T1080|Taint Shared Content|J
T1082|System Information Discovery|I
T1083|File and Directory Discovery|I
T1087|Account Discovery|I
T1090|Proxy|L
T1091|Replication Through Removable Media|CJ
T1092|Communication Through Removable Media|L
T1095|Non-Application Layer Protocol|L
T1098|Account Manipulation|EF
T1102|Web Service|L
T1104|Multi-Stage Channels|L
T1105|Ingress Tool Transfer|L
T1106|Native API|D
T1110|Brute Force|H
T1111|Multi-Factor Authentication Interception|H
T1112|Modify Registry|EG
T1113|Screen Capture|K
T1114|Email Collection|K
T1115|Clipboard Data|K
T1119|Automated Collection|K
T1120|Peripheral Device Discovery|I
T1123|Audio Capture|K
T1124|System Time Discovery|I
T1125|Video Capture|K
T1127|Trusted Developer Utilities Proxy Execution|G
T1129|Shared Modules|D
T1132|Data Encoding|L
T1133|External Remote Services|CE
T1134|Access Token Manipulation|FG
T1135|Network Share Discovery|I
T1136|Create Account|E
T1137|Office Application Startup|E
T1140|Deobfuscate/Decode Files or Information|G
T1176|Software Extensions|E
T1185|Browser Session Hijacking|K
T1187|Forced Authentication|H
T1189|Drive-by Compromise|C
T1190|Exploit Public-Facing Application|C
T1195|Supply Chain Compromise|C
T1197|BITS Jobs|EG
T1199|Trusted Relationship|C
T1200|Hardware Additions|C
T1201|Password Policy Discovery|I
T1202|Indirect Command Execution|G
T1203|Exploitation for Client Execution|D
T1204|User Execution|D
T1205|Traffic Signaling|EGL
T1207|Rogue Domain Controller|G
T1210|Exploitation of Remote Services|J
T1211|Exploitation for Defense Evasion|G
T1212|Exploitation for Credential Access|H
T1213|Data from Information Repositories|K
T1216|System Script Proxy Execution|G
T1217|Browser Information Discovery|I
T1218|System Binary Proxy Execution|G
T1219|Remote Access Tools|L
T1220|XSL Script Processing|G
T1221|Template Injection|G
T1222|File and Directory Permissions Modification|G
T1480|Execution Guardrails|G
T1482|Domain Trust Discovery|I
T1484|Domain or Tenant Policy Modification|FG
T1485|Data Destruction|N
T1486|Data Encrypted for Impact|N
T1489|Service Stop|N
T1490|Inhibit System Recovery|N
T1491|Defacement|N
T1495|Firmware Corruption|N
T1496|Resource Hijacking|N
T1497|Virtualization/Sandbox Evasion|GI
T1498|Network Denial of Service|N
T1499|Endpoint Denial of Service|N
T1505|Server Software Component|E
T1518|Software Discovery|I
T1525|Implant Internal Image|E
T1526|Cloud Service Discovery|I
T1528|Steal Application Access Token|H
T1529|System Shutdown/Reboot|N
T1530|Data from Cloud Storage|K
T1531|Account Access Removal|N
T1534|Internal Spearphishing|J
T1535|Unused/Unsupported Cloud Regions|G
T1537|Transfer Data to Cloud Account|M
T1538|Cloud Service Dashboard|I
T1539|Steal Web Session Cookie|H
T1542|Pre-OS Boot|EG
T1543|Create or Modify System Process|EF
T1546|Event Triggered Execution|EF
T1547|Boot or Logon Autostart Execution|EF
T1548|Abuse Elevation Control Mechanism|FG
T1550|Use Alternate Authentication Material|GJ
T1552|Unsecured Credentials|H
T1553|Subvert Trust Controls|G
T1554|Compromise Host Software Binary|E
T1555|Credentials from Password Stores|H
T1556|Modify Authentication Process|EGH
T1557|Adversary-in-the-Middle|HK
T1558|Steal or Forge Kerberos Tickets|H
T1559|Inter-Process Communication|D
T1560|Archive Collected Data|K
T1561|Disk Wipe|N
T1562|Impair Defenses|G
T1563|Remote Service Session Hijacking|J
T1564|Hide Artifacts|G
T1565|Data Manipulation|N
T1566|Phishing|C
T1567|Exfiltration Over Web Service|M
T1568|Dynamic Resolution|L
T1569|System Services|D
T1570|Lateral Tool Transfer|J
T1571|Non-Standard Port|L
T1572|Protocol Tunneling|L
T1573|Encrypted Channel|L
T1574|Hijack Execution Flow|EFG
T1578|Modify Cloud Compute Infrastructure|G
T1580|Cloud Infrastructure Discovery|I
T1583|Acquire Infrastructure|B
T1584|Compromise Infrastructure|B
T1585|Establish Accounts|B
T1586|Compromise Accounts|B
T1587|Develop Capabilities|B
T1588|Obtain Capabilities|B
T1589|Gather Victim Identity Information|A
T1590|Gather Victim Network Information|A
T1591|Gather Victim Org Information|A
T1592|Gather Victim Host Information|A
T1593|Search Open Websites/Domains|A
T1594|Search Victim-Owned Websites|A
T1595|Active Scanning|A
T1596|Search Open Technical Databases|A
T1597|Search Closed Sources|A
T1598|Phishing for Information|A
T1599|Network Boundary Bridging|G
T1600|Weaken Encryption|G
T1601|Modify System Image|G
T1602|Data from Configuration Repository|K
T1606|Forge Web Credentials|H
T1608|Stage Capabilities|B
T1609|Container Administration Command|D
T1610|Deploy Container|DG
T1611|Escape to Host|F
T1612|Build Image on Host|G
T1613|Container and Resource Discovery|I
T1614|System Location Discovery|I
T1615|Group Policy Discovery|I
T1619|Cloud Storage Object Discovery|I
T1620|Reflective Code Loading|G
T1621|Multi-Factor Authentication Request Generation|H
T1622|Debugger Evasion|GI
T1647|Plist File Modification|G
T1648|Serverless Execution|D
T1649|Steal or Forge Authentication Certificates|H
T1650|Acquire Access|B
T1651|Cloud Administration Command|D
T1652|Device Driver Discovery|I
T1653|Power Settings|E
T1654|Log Enumeration|I
T1656|Impersonation|G
T1657|Financial Theft|N
T1659|Content Injection|CL
T1665|Hide Infrastructure|L
T1110.001|Password Guessing|H
T1110.002|Password Cracking|H
T1110.003|Password Spraying|H
T1110.004|Credential Stuffing|H
T1003.001|LSASS Memory|H
T1003.002|Security Account Manager|H
T1003.003|NTDS|H
T1003.006|DCSync|H
T1003.008|/etc/passwd and /etc/shadow|H
T1021.001|Remote Desktop Protocol|J
T1021.002|SMB/Windows Admin Shares|J
T1021.004|SSH|J
T1021.006|Windows Remote Management|J
T1053.003|Cron|DEF
T1053.005|Scheduled Task|DEF
T1059.001|PowerShell|D
T1059.003|Windows Command Shell|D
T1059.004|Unix Shell|D
T1059.006|Python|D
T1059.007|JavaScript|D
T1070.001|Clear Windows Event Logs|G
T1070.002|Clear Linux or Mac System Logs|G
T1070.003|Clear Command History|G
T1070.004|File Deletion|G
T1071.001|Web Protocols|L
T1071.004|DNS|L
T1078.001|Default Accounts|CEFG
T1078.002|Domain Accounts|CEFG
T1078.003|Local Accounts|CEFG
T1078.004|Cloud Accounts|CEFG
T1098.001|Additional Cloud Credentials|EF
T1098.003|Additional Cloud Roles|EF
T1098.004|SSH Authorized Keys|EF
T1136.001|Local Account|E
T1136.002|Domain Account|E
T1136.003|Cloud Account|E
T1505.003|Web Shell|E
T1543.002|Systemd Service|EF
T1543.003|Windows Service|EF
T1546.004|Unix Shell Configuration Modification|EF
T1547.001|Registry Run Keys / Startup Folder|EF
T1547.006|Kernel Modules and Extensions|EF
T1548.001|Setuid and Setgid|FG
T1548.002|Bypass User Account Control|FG
T1548.003|Sudo and Sudo Caching|FG
T1550.002|Pass the Hash|GJ
T1550.003|Pass the Ticket|GJ
T1552.001|Credentials In Files|H
T1552.004|Private Keys|H
T1552.005|Cloud Instance Metadata API|H
T1558.003|Kerberoasting|H
T1558.004|AS-REP Roasting|H
T1562.001|Disable or Modify Tools|G
T1562.002|Disable Windows Event Logging|G
T1562.004|Disable or Modify System Firewall|G
T1562.008|Disable or Modify Cloud Logs|G
T1562.012|Disable or Modify Linux Audit System|G
T1566.001|Spearphishing Attachment|C
T1566.002|Spearphishing Link|C
T1569.002|Service Execution|D
T1574.006|Dynamic Linker Hijacking|EFG
T1595.001|Scanning IP Blocks|A
T1595.002|Vulnerability Scanning|A
T1595.003|Wordlist Scanning|A
`;
