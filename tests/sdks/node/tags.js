'use strict';
// The SDK's tags and forms for browsers, as JSON: what a page of its user would have in it.

const { uploader } = require('cloudinary').v2;

const back = process.argv[2];
const { hidden_fields, form_attrs } = uploader.direct_upload(back, { public_id: 'form/direct', tags: 'form' });
const attributes = Object.entries(form_attrs).map(([name, value]) => `${name}="${value}"`).join(' ');
const fields = Object.entries(hidden_fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);

console.log(JSON.stringify({
  signed: uploader.image_upload_tag('image', { public_id: 'tag/signed', tags: 'tag', html: { id: 'signed' } }),
  unsigned: uploader.unsigned_image_upload_tag('image', 'open', { tags: 'free', html: { id: 'unsigned' } }),
  large: uploader.image_upload_tag('image', {
    public_id: 'tag/large.bin', resource_type: 'raw', chunk_size: 5242880, html: { id: 'large' }
  }),
  form: `<form id="direct" ${attributes}>${fields.join('')}<input type="file" name="file" id="file"></form>`
}));
