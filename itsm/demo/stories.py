"""What goes wrong at Nordwerk on ordinary days, and what helps."""

from typing import NamedTuple

from incidents.enums import ActionKind, ResolutionCode
from incidents.enums import ActionKind as Do
from incidents.enums import ResolutionCode as Code


class Story(NamedTuple):
    """One kind of fault. `{office}` and `{n}` are filled in; the rest is as people wrote it."""

    service: str
    category: str
    titles: tuple[str, ...]
    details: str
    asks: str
    finds: str
    does: ActionKind
    did: str
    code: ResolutionCode
    tells: str
    weight: int = 2
    impact: int = 3
    urgency: int = 2
    item: str = ""
    cause: str = ""  # key of a problem in PROBLEMS


#: key: title, root cause, workaround
PROBLEMS = {
    "vpn": (
        "VPN drops after failover of the firewall pair",
        "Firmware 9.1.4 does not purge its session table after a failover; the table fills up within hours.",
        "Move the address pools of the office to the second firewall.",
    ),
    "sms": (
        "Second-factor codes do not reach Vodacom numbers",
        "",
        "Let people use the authenticator app; the desk registers it in two minutes.",
    ),
    "lock": (
        "Goods receipts block each other at month end",
        "The valuation run takes a table lock that goods receipts wait for.",
        "Post goods receipts before 16:00 on the last working day, or wait for the run to end.",
    ),
    "dock": (
        "Screens flicker at docks with firmware 1.14",
        "Power saving of firmware 1.14 turns the display link off for half a second.",
        "Put firmware 1.12 on the dock.",
    ),
    "scanner": ("Scanners lose their network at the dock doors", "", "Restart the scanner within the hall."),
}

STORIES = (
    Story("VPN and remote access", "VPN", ("VPN throws me out every few minutes", "VPN connection drops during calls", "Have to connect the VPN again and again"),
          "I work from home today. The connection is gone after some minutes and I have to type my code again.",
          "Which provider do you use at home, and does it happen on the phone's hotspot as well?",
          "Session of this user ends with 'no free session' on the first firewall.", Do.CONFIGURATION,
          "Moved the user's address pool to the second firewall.", Code.WORKAROUND,
          "You are on another gateway now. Please disconnect once and connect again; it should stay up.", 9, 3, 1, "pt-fw-01", "vpn"),
    Story("VPN and remote access", "VPN", ("VPN: error 809 when connecting", "Cannot connect to VPN from hotel"),
          "Error 809 after about 20 seconds. The web works.", "Can you send a picture of the message?",
          "The hotel blocks UDP 4500; the client does not fall back.", Do.WORKAROUND, "Switched the profile to TCP 443.",
          Code.WORKAROUND, "We changed your profile. Please import it again by the link in the self-service.", 3, 3, 2, "de-fw-01"),
    Story("Office networks", "Wi-Fi", ("Wi-Fi in {office} slow in the afternoon", "No Wi-Fi in the meeting rooms, {office}", "Guest Wi-Fi shows a certificate warning in {office}"),
          "Since about one o'clock pages take a minute to open. Cable works.", "Which room are you in, and does the phone have it too?",
          "Two access points on the same channel; one had lost its controller.", Do.RESTART, "Restarted the access point and set its channel.",
          Code.CONFIGURATION, "The access point near you runs again on a free channel.", 6, 2, 2, "krk-wlan"),
    Story("Office networks", "Wi-Fi", ("Network socket dead at desk {n}, {office}",), "The new desk has no network at the socket.",
          "What is written on the socket?", "Port was not patched after the move.", Do.HARDWARE, "Patched the port in the floor cabinet.",
          Code.HARDWARE, "The socket is connected now.", 3, 3, 3),
    Story("Sign-in (SSO)", "Second factor", ("Second-factor code never arrives by SMS", "No code on my phone since this morning", "Two-factor code takes ten minutes"),
          "I wait for the code, nothing comes. My number is a Vodacom one and has not changed.", "Do other text messages arrive?",
          "The SMS provider reports 'accepted', the operator drops it.", Do.WORKAROUND, "Registered the authenticator app for the user.",
          Code.WORKAROUND, "You have the app now and need no text message any more.", 6, 3, 1, "sms-gateway", "sms"),
    Story("Sign-in (SSO)", "Password", ("Password expired, cannot sign in", "Account locked after holidays", "Cannot sign in after password change"),
          "I changed my password and now I go round between two pages.", "Do you see the same in a private window?",
          "Old password cached in the mail app locked the account.", Do.CONFIGURATION, "Unlocked the account, removed the cached password.",
          Code.ACCESS, "Your account is open again. Please type the new password in the mail app of your phone as well.", 9, 3, 1),
    Story("Sign-in (SSO)", "Missing right", ("Access to project folder Aurora for two auditors", "No right to approve orders above 5,000", "Cannot open the contracts application"),
          "My manager has agreed, see the attached mail.", "Who is your cost centre owner? We need their approval.",
          "Role was removed with the reorganisation in spring.", Do.CONFIGURATION, "Added the role with the owner's approval.",
          Code.ACCESS, "You have the right now. Please sign out and in once.", 6, 3, 3),
    Story("Sign-in (SSO)", "New starter", ("New starter on Monday: laptop, phone, badge {office}", "Account for a working student, {office}"),
          "Starts next week, same rights as the colleague in the next room.", "Which start date, and which cost centre?",
          "Personnel record had no location, so nothing was provisioned.", Do.OTHER, "Completed the record, provisioning ran.",
          Code.FIXED, "Everything is prepared and lies at the reception.", 4, 3, 3),
    Story("E-mail and calendar", "Mailbox", ("Shared mailbox orders@ not visible", "Mails with attachments come back", "Mailbox is full, cannot send"),
          "Since the migration the shared mailbox is gone from my list.", "Do you see it in the browser?",
          "Rights on the shared mailbox were not carried over for this group.", Do.CONFIGURATION, "Granted the group full access again.",
          Code.CONFIGURATION, "The mailbox appears after the next start of Outlook.", 6, 3, 2, "mail-edge-1"),
    Story("E-mail and calendar", "Calendar", ("Calendar invitations arrive one hour late", "Meeting room {office} is booked twice"),
          "Partners invite for ten, I see eleven.", "Can you forward one of the invitations as an attachment?",
          "Invitations carry a time zone our server does not know.", Do.PATCH, "Installed the vendor's time zone update.",
          Code.PATCH, "New invitations are right. Old ones have to be sent again.", 3, 2, 3, "mail-edge-2"),
    Story("ERP (SAP)", "ERP", ("Goods receipt cannot be posted, lock error", "ERP: 'object locked' when posting goods", "Cannot post delivery, table is locked"),
          "The message says that table MSEG is locked by another user. Trucks are waiting.", "Which plant and which delivery number?",
          "The month-end valuation holds the lock.", Do.WORKAROUND, "Interrupted the valuation run between two plants.",
          Code.WORKAROUND, "You can post again. The run goes on at night.", 6, 2, 1, "erp-app-02", "lock"),
    Story("ERP (SAP)", "ERP", ("Month-end report times out", "ERP report for cost centres runs for ever", "Invoice list does not open"),
          "The report for cost centres above 4000 ends with a time-out.", "Which variant do you use?",
          "Statistics of the table are from last year; the plan reads all of it.", Do.CONFIGURATION, "Renewed the statistics of the ledger tables.",
          Code.FIXED, "The report now takes about a minute.", 5, 3, 2, "erp-db"),
    Story("ERP (SAP)", "ERP", ("Nightly interface to customs stops", "Orders from the shop are missing in ERP"),
          "Nothing came over since two in the morning.", "Is one customer missing or all?",
          "Interface user's password had expired.", Do.RESTART, "Set a new password and restarted the interface.",
          Code.FIXED, "All orders of the night are in.", 3, 2, 1, "erp-customs-interface"),
    Story("ERP (SAP)", "Missing right", ("Invoice workflow: approver left the company",), "Invoices of our team wait for somebody who left in June.",
          "Who approves from now on?", "Approver is set in the cost centre's master data.", Do.CONFIGURATION, "Set the new approver.",
          Code.CONFIGURATION, "The invoices went on to the new approver.", 3, 3, 3),
    Story("Warehouse scanners", "Scanner", ("Scanners lose connection at the dock doors", "Scanner guns in hall {n} without network", "Hand-held shows 'no server', hall {n}"),
          "As soon as I stand at the door the scanner is offline. In the hall it comes back.", "Which doors, and how many scanners?",
          "Roaming between two access points takes four seconds there.", Do.CONFIGURATION, "Raised the transmit power of the door access point.",
          Code.WORKAROUND, "It should hold now. Please tell us if a door remains bad.", 7, 2, 1, "scanner-ap-hall1", "scanner"),
    Story("Warehouse scanners", "Scanner", ("Scanner does not read damaged labels", "Scanner battery lasts only two hours"),
          "Three of our devices.", "Serial numbers of the three, please?", "Batteries are five years old.", Do.HARDWARE,
          "Exchanged the batteries.", Code.HARDWARE, "New batteries are in your post box.", 3, 3, 3),
    Story("File shares", "File share", ("Team folder is read-only", "Cannot save in the contracts folder", "Drive S: is gone"),
          "I can open but not save. It worked yesterday.", "What is the full path of the folder?",
          "Quota of the share was reached at night.", Do.CONFIGURATION, "Raised the quota and told the owner.",
          Code.CONFIGURATION, "You can save again.", 4, 2, 2, "fs-eu"),
    Story("File shares", "Restore", ("Please restore a deleted folder", "Spreadsheet overwritten, need yesterday's version"),
          "Somebody deleted it this morning by mistake.", "Which path, and when was it last right?", "Snapshot of six in the morning holds it.",
          Do.RESTORE, "Restored the folder from the snapshot.", Code.RESTORE, "The folder is back as it was at six.", 5, 3, 2, "fs-eu"),
    Story("Telephony", "Telephony", ("Telephone queue rings only in one office", "Desk phone shows no registration, {office}", "Callers hear nothing on transferred calls"),
          "Customers complain that nobody answers.", "Which number do they call?", "Queue member list was overwritten by the sync.",
          Do.ROLLBACK, "Put the member list of last week back.", Code.CONFIGURATION, "The queue rings for all of you again.", 4, 2, 1, "pbx-eu"),
    Story("Customer portal", "Customer portal", ("Customers see an empty order list", "Search in the customer portal finds nothing", "Portal is very slow for customers in Brazil"),
          "Two customers called within an hour.", "Can you name one customer number?", "Search index was rebuilt and left half empty.",
          Do.RESTART, "Rebuilt the index in full.", Code.FIXED, "Customers see their orders again.", 4, 1, 2, "customer-portal-search"),
    Story("Plant control interface", "Plant interface", ("Orders do not reach the machines in {office}", "Machine feedback is missing since the night shift"),
          "We type the orders by hand.", "All machines or one line?", "Queue on the gateway was full of one malformed message.",
          Do.RESTART, "Removed the message and restarted the gateway.", Code.FIXED, "Orders flow again; those of the night came with them.", 3, 1, 1, "plc-gateway-che"),
    Story("Video meetings", "Video", ("Camera not found in meeting room", "No sound in the board room", "Guests cannot join our meetings"),
          "Guests are waiting.", "Which room?", "Camera hung after its update.", Do.RESTART, "Restarted the room system.",
          Code.FIXED, "The room works again.", 5, 3, 2, "room-elbe"),
    Story("Printing", "Printer", ("Label printer prints blank labels", "Printer on floor {n} has a paper jam again", "Print jobs wait for ever, {office}"),
          "Since the update this morning. Restart did not help.", "Is it the ZT or the office printer?", "Update set the wrong label width.",
          Do.CONFIGURATION, "Set the label width back.", Code.CONFIGURATION, "Labels come out right again.", 7, 3, 2, "ZT-410"),
    Story("Laptops and phones", "Screen and dock", ("Screen flickers at the dock", "Second screen not recognised", "Both screens go black for a second"),
          "It happens every few minutes, worse in the afternoon.", "Which number is on the back of the dock?", "Dock has firmware 1.14.",
          Do.ROLLBACK, "Put firmware 1.12 on the dock.", Code.WORKAROUND, "The dock has its older firmware back; the flicker should be gone.", 7, 3, 3, "dock-firmware-1.14", "dock"),
    Story("Laptops and phones", "Laptop", ("Laptop is loud and slow", "Laptop does not start after update", "Battery swollen, keyboard lifts"),
          "I can hardly type.", "Please do not charge it any more. When can you come by?", "Fan blocked, battery beyond its cycles.",
          Do.HARDWARE, "Exchanged the device.", Code.HARDWARE, "Your new laptop has all your data. Keep the old one off.", 7, 3, 2),
    Story("Laptops and phones", "Phone", ("Company phone lost in the train", "New phone: mail does not come"), "It was locked. I called the number, nobody answered.",
          "When did you have it last?", "Device was online an hour ago.", Do.OTHER, "Locked and wiped the phone, ordered another.",
          Code.HARDWARE, "The lost phone is wiped. A new one comes by post tomorrow.", 3, 3, 1),
    Story("Data warehouse", "Reports", ("Sales figures of yesterday are missing", "Dashboard shows last week's data", "Planning cube does not refresh"),
          "The board meets at eleven.", "Which dashboard?", "Load stopped at a duplicate key.", Do.RESTART, "Removed the duplicate and loaded again.",
          Code.FIXED, "The figures are complete now.", 4, 2, 2, "dwh-loader"),
    Story("Time and travel", "Time and travel", ("Travel expenses: approval step skipped", "Terminal at the gate books no hours", "Excel add-in asks for licence on every start"),
          "Happens to all of my team.", "Can you attach one of the claims?", "Rule for this country has no approver.", Do.CONFIGURATION,
          "Added the approver to the rule.", Code.CONFIGURATION, "New claims go to your manager again.", 4, 3, 3, "expenses-app"),
)  # fmt: skip

#: What monitoring says: service, item, alert, how it ends
ALARMS = (
    ("Data warehouse", "dwh-replica-2", "Replication lag above 900 s on dwh-replica-2", "Replica caught up after the long query was ended."),
    ("Virtual servers", "vm-host-03", "Memory above 95 % on vm-host-03", "Moved two guests to another host."),
    ("Customer portal", "customer-portal-web", "Error rate above 2 % on customer-portal-web", "Rolled the release of this morning back."),
    ("Sign-in (SSO)", "sso-node-2", "Login p95 above 10 s on sso-node-2", "Restarted the node; the pool was exhausted."),
    ("File shares", "fs-asia", "Disk 92 % full on fs-asia", "Removed old snapshots; more disks are ordered."),
    ("Virtual servers", "vm-storage-a", "Write latency above 40 ms on vm-storage-a", "Rebuild of a disk ended; latency is normal."),
)  # fmt: skip

REOPENS = (
    "It worked for an hour and is back.",
    "Sorry, still the same this morning.",
    "Better, but not gone.",
    "My colleague has it now as well.",
)
THANKS = ("Thank you, it works!", "Great, thanks for the quick help.", "Works again. Thank you!", "Perfect.")
ANSWERS = (
    "It is the one at my desk, and yes, the others have it too.",
    "I attach a picture of what I see.",
    "Since this morning, about nine o'clock.",
    "Only me, as far as I know.",
)
NUDGES = ("Is there any news?", "It happened again just now.", "This is getting urgent for us.")
NOTES = (
    "Called the user, could see it on their screen.",
    "Same pattern as last week. Looking at the logs before I touch anything.",
    "Not reproducible on my device; asked a colleague to try.",
    "Vendor case opened, they want a trace.",
    "Checked the change calendar: nothing last night.",
)
