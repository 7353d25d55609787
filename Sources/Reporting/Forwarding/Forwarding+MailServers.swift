/// Recipes for mail servers (fact G3 of the migration guide).
extension Forwarding {
    /// `relay_domains` accepts, `transport_maps` overrides where it goes whatever class the domain is in, and
    /// the brackets keep Postfix from looking up the MX of the exchange, or its own. The domains are patterns, since
    /// any other table of `relay_domains` takes in every name below its entries (parent_domain_matches_subdomains).
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
                    "Before it accepts a message Postfix asks the new server whether the recipient exists,"
                    + " and remembers the answer. Otherwise mail to unknown recipients, spam above all, would come"
                    + " back as bounces to people who never sent it. Who is unknown gets a temporary error (450),"
                    + " so nothing is lost by a mistake; `unverified_recipient_reject_code = 550` makes it final."
            ),
            files: [
                .own(transport, domains.map { "\($0) relay:[\(exchange)]" }),
                .own(relayed, domains.map { "/^\(pattern($0))$/ x" }),
                .own(recipients, domains.map { "\($0) reject_unverified_recipient" }),
            ],
            steps: [
                ForwardingStep(
                    .configure,
                    "Put the three files before what Postfix knows already.",
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
                ForwardingStep(.load, "From here on mail is forwarded:", ["postfix reload"]),
                ForwardingStep(
                    .verify,
                    "Take the domains out of these lists, or have your panel do so. The transport wins over them,"
                        + " but as long as one of them names a domain, Postfix accepts only recipients that have a"
                        + " mailbox or an alias here, and says so in warnings. Take its entries out of"
                        + " virtual_alias_maps too, a catch-all first: aliases are applied before the transport.",
                    [
                        "postconf mydestination virtual_mailbox_domains virtual_alias_domains virtual_alias_maps"
                    ]),
                trialMessage,
            ],
            undo: [
                ForwardingStep(
                    .configure, "Take the three files out of the configuration, and delete them:",
                    settings.map { name, words in
                        "postconf -e \"\(name) = $(postconf -h \(name) | sed 's|\(words) *||g')\""
                    } + ["rm \(transport) \(relayed) \(recipients)", "postfix reload"]),
                afterwards("put the domain back into the list that named it."),
            ])
    }

    /// Debian's configuration, split or not, has a manualroute router ahead of all others that reads this file,
    /// and a callout for the recipients in the other: so no router has to be added, and the domain may stay
    /// among the local ones.
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
                    "Before it accepts a message exim asks the new server whether the recipient exists, and"
                    + " remembers the answer. Otherwise mail to unknown recipients, spam above all, would come back"
                    + " as bounces to people who never sent it. While the new server cannot be asked, senders get a"
                    + " temporary error and try again.")
                + [
                    "This is for Debian's configuration, split or not, whose router hubbed_hosts comes before those"
                        + " that deliver. With an exim.conf of your own, put a manualroute router that reads the same"
                        + " file first, before any redirect, accept or dnslookup router; order is all that counts."
                ],
            files: [hosts, recipients],
            steps: [
                ForwardingStep(
                    .configure,
                    "Leave the domain among the local ones (dc_other_hostnames in"
                        + " /etc/exim4/update-exim4.conf.conf) or the relayed ones (dc_relay_domains): that is why"
                        + " exim accepts mail for it. Debian's configuration reads both files by itself."),
                ForwardingStep(
                    .check,
                    "Check. The second command must name router = hubbed_hosts and host \(exchange).",
                    ["exim4 -bV", "exim4 -bt postmaster@\(firstDomain)"]),
                ForwardingStep(
                    .load,
                    "exim reads the files anew for every message, so mail is forwarded already. Messages that wait"
                        + " in the queue go the new way too:",
                    ["exim4 -qf"]),
                trialMessage,
            ],
            undo: [
                ForwardingStep(
                    .configure, "Take the lines out:", [hosts.removal, recipients.removal]),
                afterwards("nothing else is to be done: the domain is still among the local ones."),
            ])
    }

    /// What is in class w is delivered here before the mailertable is looked at, so the domain has to leave it;
    /// class R accepts it from then on.
    var sendmailRecipe: ForwardingRecipe {
        let table = ForwardingFile.appended(
            to: "/etc/mail/mailertable", domains.map { "\($0)\tesmtp:[\(exchange)]" })
        let relayed = ForwardingFile.appended(to: "/etc/mail/relay-domains", domains)
        let local = "/etc/mail/local-host-names"
        let removal = ForwardingFile.own(
            "/etc/mail/propaga-domains.sed", domains.map { "/^[[:space:]]*\(pattern($0))[[:space:]]*$/Id" })
        // Written beside it first: a macro file with a mistake must not leave an empty configuration.
        let compile = [
            "m4 /etc/mail/sendmail.mc > /etc/mail/sendmail.cf.new && mv /etc/mail/sendmail.cf.new /etc/mail/sendmail.cf",
            "makemap hash /etc/mail/mailertable < /etc/mail/mailertable",
        ]
        return ForwardingRecipe(
            kind: .sendmail, title: title(.sendmail),
            introduction: mailIntroduction(
                recipients:
                    "sendmail does not ask the new server whether a recipient exists. Mail to unknown ones,"
                    + " spam above all, is accepted and comes back as a bounce to people who may never have sent it."
                    + " So keep the time short, or have a milter ask.")
                + [
                    "sendmail takes what stands in relay-domains for every name below it too, and passes mail for such"
                        + " a name on to that name's own MX. Where that must not be, put FEATURE(relay_hosts_only)"
                        + " into sendmail.mc; it holds for all that stand in relay-domains."
                ],
            files: [table, relayed, removal],
            steps: [
                ForwardingStep(
                    .configure,
                    "Take the domains out of those that are delivered here (the former file stays beside it), have"
                        + " the table read, and translate both. Remove them from /etc/mail/virtusertable, VIRTUSER_DOMAIN"
                        + " and LOCAL_DOMAIN lines as well, if they are there.",
                    [
                        "sed -i.before-forwarding -f \(removal.path) \(local)",
                        "grep -q '^FEATURE(.mailertable' /etc/mail/sendmail.mc || sed -i"
                            + " \"0,/^MAILER/s/^MAILER/FEATURE(\\`mailertable')dnl\\nMAILER/\" /etc/mail/sendmail.mc",
                    ] + compile),
                ForwardingStep(
                    .check,
                    "Check. The last line must begin with: parse returns: $# esmtp $@ [ \(spaced(exchange)) ].",
                    ["echo '3,0 postmaster@\(firstDomain)' | sendmail -C /etc/mail/sendmail.cf -bt"]),
                ForwardingStep(.load, "From here on mail is forwarded:", ["systemctl restart sendmail"]),
                trialMessage,
            ],
            undo: [
                ForwardingStep(
                    .configure, "Take the lines out, and translate again:",
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
                    "OpenSMTPD does not ask the new server whether a recipient exists. Mail to unknown ones,"
                    + " spam above all, is accepted and comes back as a bounce to people who may never have sent it."
                    + " So keep the time short; or list the recipients in a table, and write"
                    + " `for domain <propaga_domains> rcpt-to <recipients>` in the rule, with a rule that rejects"
                    + " the rest of <propaga_domains> after it."),
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
                    "Include the file before the first rule, since the first one that matches wins. Rules that"
                        + " deliver the domains here may stay: they are no longer reached.",
                    [
                        "sed -i '0,/^match/s//include \"\(path.replacing("/", with: "\\/"))\"\\nmatch/' /etc/smtpd.conf"
                    ]),
                ForwardingStep(
                    .check, "Check. It must say: configuration OK. Both lines must appear, in this order.",
                    [
                        "smtpd -n -f /etc/smtpd.conf",
                        "grep -n -m 2 -e '^include \"\(path)\"$' -e '^match' /etc/smtpd.conf",
                    ]),
                ForwardingStep(.load, "From here on mail is forwarded:", ["systemctl restart opensmtpd"]),
                trialMessage,
            ],
            undo: [
                ForwardingStep(
                    .configure, "Take the file out of the configuration, and delete it:",
                    [
                        "sed -i '\\|^include \"\(path)\"$|d' /etc/smtpd.conf", "rm \(path)",
                        "systemctl restart opensmtpd",
                    ]),
                afterwards("nothing else is to be done: the former rules are reached again."),
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
