/// Recipes for mail servers (fact G3 of the migration guide).
extension Forwarding {
    /// `relay_domains` accepts the mail. `transport_maps` decides where it goes, whatever class the domain is in. The
    /// brackets stop Postfix from looking up the MX of the exchange. The domains are patterns, because any other
    /// table of `relay_domains` also matches every name below its entries (parent_domain_matches_subdomains).
    var postfixRecipe: ForwardingRecipe {
        let transport = "/etc/postfix/propaga_transport"
        let recipients = "/etc/postfix/propaga_recipients"
        let relayed = "/etc/postfix/propaga_domains"
        let settings = [
            ("transport_maps", "texthash:\(transport)"), ("relay_domains", "regexp:\(relayed)"),
            ("smtpd_recipient_restrictions", "check_recipient_access texthash:\(recipients)"),
        ]
        return ForwardingRecipe(
            kind: .postfix, title: title(.postfix),
            introduction: mailIntroduction(
                recipients:
                    "Before it accepts a message, Postfix asks the new server whether the recipient exists,"
                    + " and remembers the answer. Otherwise mail to unknown recipients, mostly spam, would come"
                    + " back as bounces to people who never sent it. Mail to an unknown recipient gets a temporary error"
                    + " (450), so a mistake loses nothing; `unverified_recipient_reject_code = 550` makes it final."
            ),
            files: [
                .own(transport, domains.map { "\($0) relay:[\(exchange)]" }),
                .own(relayed, domains.map { "/^\(pattern($0))$/ x" }),
                .own(recipients, domains.map { "\($0) reject_unverified_recipient" }),
            ],
            steps: [
                ForwardingStep(
                    .configure,
                    "Put the three files in front of the present values.",
                    settings.map { name, words in
                        "postconf -e \"\(name) = \(words) $(postconf -h \(name))\""
                    }),
                ForwardingStep(
                    .check,
                    "Check. The second command must print relay:[\(exchange)], the third x.",
                    [
                        "postfix check", "postmap -q \(firstDomain) texthash:\(transport)",
                        "postmap -q \(firstDomain) regexp:\(relayed)",
                    ]),
                ForwardingStep(.load, "This command starts the forwarding:", ["postfix reload"]),
                ForwardingStep(
                    .verify,
                    "Remove the domains from these lists, or let your panel do it. The transport wins over them, but"
                        + " as long as one of them names a domain, Postfix accepts only recipients that have a mailbox or"
                        + " an alias here, and logs warnings. Remove the domain's entries from virtual_alias_maps too, a"
                        + " catch-all first: Postfix applies aliases before the transport.",
                    [
                        "postconf mydestination virtual_mailbox_domains virtual_alias_domains virtual_alias_maps"
                    ]),
                trialMessage,
            ],
            undo: [
                ForwardingStep(
                    .configure, "Remove the three files from the configuration, and delete them:",
                    settings.map { name, words in
                        "postconf -e \"\(name) = $(postconf -h \(name) | sed 's|\(words) *||g')\""
                    } + ["rm \(transport) \(relayed) \(recipients)", "postfix reload"]),
                afterwards("put the domain back into the list that named it."),
            ])
    }

    /// Debian's configuration, split or not, has a manualroute router before all others that reads the first file,
    /// and a callout for the recipients in the second. So this adds no router, and the domain may stay a local one.
    func eximRecipe() throws(ForwardingError) -> ForwardingRecipe {
        if let name = domains.first(where: { $0.contains("_") }) { throw .underscore(name) }
        let hosts = ForwardingFile.appended(
            to: "/etc/exim4/hubbed_hosts", domains.map { "\($0): \(exchange) byname" })
        let recipients = ForwardingFile.appended(
            to: "/etc/exim4/local_rcpt_callout", domains.map { "*@\($0)" })
        return ForwardingRecipe(
            kind: .exim, title: title(.exim),
            introduction: mailIntroduction(
                recipients:
                    "Before it accepts a message, exim asks the new server whether the recipient exists, and"
                    + " remembers the answer. Otherwise mail to unknown recipients, mostly spam, would come back"
                    + " as bounces to people who never sent it. While exim cannot reach the new server, senders get a"
                    + " temporary error and try again.")
                + [
                    "This is for Debian's configuration, split or not: its router hubbed_hosts comes before the routers"
                        + " that deliver. In an exim.conf of your own, put a manualroute router that reads the same file"
                        + " first, before any redirect, accept or dnslookup router. Only the order matters."
                ],
            files: [hosts, recipients],
            steps: [
                ForwardingStep(
                    .configure,
                    "Leave the domain in dc_other_hostnames (local domains) or dc_relay_domains (relayed ones) in"
                        + " /etc/exim4/update-exim4.conf.conf: exim accepts mail for it only because of that."
                        + " Debian's configuration reads both files by itself."),
                ForwardingStep(
                    .check,
                    "Check. The second command must name router = hubbed_hosts and host \(exchange).",
                    ["exim4 -bV", "exim4 -bt postmaster@\(firstDomain)"]),
                ForwardingStep(
                    .load,
                    "exim reads the files for every message, so it forwards mail already. This sends the messages in"
                        + " the queue the new way too:",
                    ["exim4 -qf"]),
                trialMessage,
            ],
            undo: [
                ForwardingStep(
                    .configure, "Remove the lines:", [hosts.removal, recipients.removal]),
                afterwards("there is nothing else to do: the domain is still a local one."),
            ])
    }

    /// sendmail delivers mail for class w here before it looks at the mailertable, so the domain must leave that
    /// class. From then on class R accepts the mail.
    var sendmailRecipe: ForwardingRecipe {
        let table = ForwardingFile.appended(
            to: "/etc/mail/mailertable", domains.map { "\($0)\tesmtp:[\(exchange)]" })
        let relayed = ForwardingFile.appended(to: "/etc/mail/relay-domains", domains)
        let local = "/etc/mail/local-host-names"
        let removal = ForwardingFile.own(
            "/etc/mail/propaga-domains.sed", domains.map { "/^[[:space:]]*\(pattern($0))[[:space:]]*$/Id" })
        // Write to another file first: a mistake in the macro file must not leave an empty configuration.
        let compile = [
            "m4 /etc/mail/sendmail.mc > /etc/mail/sendmail.cf.new && mv /etc/mail/sendmail.cf.new /etc/mail/sendmail.cf",
            "makemap hash /etc/mail/mailertable < /etc/mail/mailertable",
        ]
        return ForwardingRecipe(
            kind: .sendmail, title: title(.sendmail),
            introduction: mailIntroduction(
                recipients:
                    "Keep the time short, or have a milter ask: sendmail does not ask the new server whether a recipient"
                    + " exists. It accepts mail to unknown recipients, mostly spam, and that mail comes back as a bounce"
                    + " to people who may never have sent it.")
                + [
                    "An entry in relay-domains also covers every name below it: sendmail passes mail for such a name on"
                        + " to that name's own MX. If you do not want that, put FEATURE(relay_hosts_only) into"
                        + " sendmail.mc; it applies to all entries of relay-domains."
                ],
            files: [table, relayed, removal],
            steps: [
                ForwardingStep(
                    .configure,
                    "Remove the domains from the local ones (a copy of the old file stays), switch the table on, and"
                        + " compile both. Remove the domains from /etc/mail/virtusertable, VIRTUSER_DOMAIN and"
                        + " LOCAL_DOMAIN lines too, if they are there.",
                    [
                        "sed -i.before-forwarding -f \(removal.path) \(local)",
                        "grep -q '^FEATURE(.mailertable' /etc/mail/sendmail.mc || sed -i"
                            + " \"0,/^MAILER/s/^MAILER/FEATURE(\\`mailertable')dnl\\nMAILER/\" /etc/mail/sendmail.mc",
                    ] + compile),
                ForwardingStep(
                    .check,
                    "Check. The last line must begin with: parse returns: $# esmtp $@ [ \(spaced(exchange)) ].",
                    ["echo '3,0 postmaster@\(firstDomain)' | sendmail -C /etc/mail/sendmail.cf -bt"]),
                ForwardingStep(.load, "This command starts the forwarding:", ["systemctl restart sendmail"]),
                trialMessage,
            ],
            undo: [
                ForwardingStep(
                    .configure, "Remove the lines, and compile again:",
                    [table.removal, relayed.removal, "rm \(removal.path)"] + compile + [
                        "systemctl restart sendmail"
                    ]),
                afterwards("put the domain into \(local) again, and restart once more."),
            ])
    }

    /// The first rule that matches wins, so the file is included before all others.
    var opensmtpdRecipe: ForwardingRecipe {
        let path = "/etc/smtpd-forwarding.conf"
        return ForwardingRecipe(
            kind: .opensmtpd, title: title(.opensmtpd),
            introduction: mailIntroduction(
                recipients:
                    "Keep the time short; or list the recipients in a table, write"
                    + " `for domain <propaga_domains> rcpt-to <recipients>` in the rule, and add a rule after it that"
                    + " rejects the rest of <propaga_domains>. OpenSMTPD does not ask the new server whether a recipient"
                    + " exists. It accepts mail to unknown recipients, mostly spam, and that mail comes back as a bounce"
                    + " to people who may never have sent it."),
            files: [
                .own(
                    path,
                    [
                        "table propaga_domains { \(domains.map { "\"\($0)\"" }.joined(separator: ", ")) }",
                        "action \"propaga_forward\" relay host \"smtp://\(exchange)\"",
                        "match from any for domain <propaga_domains> action \"propaga_forward\"",
                    ])
            ],
            steps: [
                ForwardingStep(
                    .configure,
                    "Include the file before the first rule: the first rule that matches wins. Rules that"
                        + " deliver the domains here may stay: OpenSMTPD no longer reaches them.",
                    [
                        "sed -i '0,/^match/s//include \"\(path.replacing("/", with: "\\/"))\"\\nmatch/' /etc/smtpd.conf"
                    ]),
                ForwardingStep(
                    .check, "Check. It must say: configuration OK. Both lines must appear, in this order.",
                    [
                        "smtpd -n -f /etc/smtpd.conf",
                        "grep -n -m 2 -e '^include \"\(path)\"$' -e '^match' /etc/smtpd.conf",
                    ]),
                ForwardingStep(.load, "This command starts the forwarding:", ["systemctl restart opensmtpd"]),
                trialMessage,
            ],
            undo: [
                ForwardingStep(
                    .configure, "Remove the file from the configuration, and delete it:",
                    [
                        "sed -i '\\|^include \"\(path)\"$|d' /etc/smtpd.conf", "rm \(path)",
                        "systemctl restart opensmtpd",
                    ]),
                afterwards("there is nothing else to do: the former rules work again."),
            ])
    }

    /// A name as a regular expression, for whole lines; it has letters, digits, `-`, `_` and dots only.
    private func pattern(_ name: String) -> String {
        name.split(separator: ".").joined(separator: "\\.")
    }

    /// As sendmail's test mode writes a name.
    private func spaced(_ name: String) -> String {
        name.split(separator: ".").joined(separator: " . ")
    }
}
